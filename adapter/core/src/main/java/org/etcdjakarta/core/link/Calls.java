package org.etcdjakarta.core.link;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.Tokens.Token;
import org.etcdjakarta.core.link.UnaryCall.Kind;
import org.jspecify.annotations.Nullable;

/** Every unary call of a link goes through here: deadline, token, repetition where it is safe, errors in our words. */
final class Calls {

    private static final System.Logger LOG = System.getLogger(Calls.class.getName());

    static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    /** A member without a leader then refuses the call instead of letting it wait. */
    static final Metadata.Key<String> HAS_LEADER = Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    final Channel channel;
    final Executor pool;

    /** Where callbacks go that nobody waits for: the executor of the configuration or the pool. */
    final Executor async;

    private final ScheduledExecutorService timer;
    final LinkErrors errors;
    final Tokens tokens;
    private final EtcdLinkConfig config;
    private final Set<Runnable> pausing = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Calls(Channel channel, LinkThreads threads, EtcdLinkConfig config) {
        this(channel, threads, config, null);
    }

    /** @param tokens of another link to the same cluster with the same user; null for own ones */
    Calls(Channel channel, LinkThreads threads, EtcdLinkConfig config, @Nullable Tokens tokens) {
        this.channel = channel;
        this.pool = threads.pool();
        this.timer = threads.timer();
        this.config = config;
        this.async = config.executor() == null ? pool : new GivenExecutor(config.executor(), pool);
        this.errors = new LinkErrors(config);
        this.tokens = tokens != null ? tokens : new Tokens(config.user() == null ? null : this::authenticate);
    }

    /** A call that changes nothing: repeated while etcd is unavailable, until the deadline. */
    <Q, R> CompletableFuture<R> read(MethodDescriptor<Q, R> method, Q request) {
        return new UnaryCall<>(this, method, request, Kind.READ, deadline(), async).start();
    }

    /** As {@link #read}, with a time limit of its own. */
    <Q, R> CompletableFuture<R> read(MethodDescriptor<Q, R> method, Q request, Deadline deadline) {
        return new UnaryCall<>(this, method, request, Kind.READ, deadline, async).start();
    }

    /** A call that changes something: never repeated once it may have reached etcd. */
    <Q, R> CompletableFuture<R> write(MethodDescriptor<Q, R> method, Q request) {
        return new UnaryCall<>(this, method, request, Kind.WRITE, deadline(), async).start();
    }

    /** As {@link #write}, with a time limit of its own. */
    <Q, R> CompletableFuture<R> write(MethodDescriptor<Q, R> method, Q request, Deadline deadline) {
        return new UnaryCall<>(this, method, request, Kind.WRITE, deadline, async).start();
    }

    /**
     * As {@link #read}, as a part of something: it ends on the pool. All threads of the application may be waiting for the whole,
     * which goes to them by {@link #whole}.
     */
    <Q, R> CompletableFuture<R> readPart(MethodDescriptor<Q, R> method, Q request, Deadline deadline) {
        return new UnaryCall<>(this, method, request, Kind.READ, deadline, pool).start();
    }

    /** As {@link #write}, as a part of something; see {@link #readPart}. */
    <Q, R> CompletableFuture<R> writePart(MethodDescriptor<Q, R> method, Q request, Deadline deadline) {
        return new UnaryCall<>(this, method, request, Kind.WRITE, deadline, pool).start();
    }

    /**
     * What the parts come to, completed as the answer to a single call: by the thread that waits for it, else on the asynchronous
     * executor. Cancelling it cancels {@code ofParts}.
     */
    <T> CompletableFuture<T> whole(CompletableFuture<T> ofParts) {
        CallExecutor executor = new CallExecutor(async);
        CallFuture<T> whole = new CallFuture<>(executor, () -> ofParts.cancel(false));
        var unused = ofParts.whenComplete((value, failure) -> executor.execute(() -> {
            if (failure == null) {
                whole.complete(value);
            } else {
                whole.completeExceptionally(LinkErrors.unwrapped(failure));
            }
        }));
        return whole;
    }

    /**
     * A call that etcd answers when it is its turn (lock, campaign), or that takes as long as it takes (defragment): it waits
     * until the future is cancelled, which takes it back. But it must leave within the request timeout.
     */
    <Q, R, T> CompletableFuture<T> await(MethodDescriptor<Q, R> method, Q request, Function<R, T> mapping) {
        Deadline leave = deadline();
        UnaryCall<Q, R> call = new UnaryCall<>(this, method, request, Kind.TURN, leave, async);
        CompletableFuture<R> answer = call.start();
        Runnable cancelTimer = at(leave, call::giveUpIfNotLeft);
        CompletableFuture<T> mapped = answer.thenApply(mapping);
        var unused = mapped.whenComplete((value, failure) -> {
            cancelTimer.run();
            if (mapped.isCancelled()) {
                answer.cancel(false);
            }
        });
        return mapped;
    }

    /**
     * Runs the next attempt of a call on the pool after the pause; at once when the link is closed before, so that it fails:
     * nobody else would complete the call.
     */
    void retry(Duration pause, Runnable attempt) {
        pausing.add(attempt);
        later(pause, () -> resume(attempt));
        if (closed) {
            resume(attempt);
        }
    }

    private void resume(Runnable attempt) {
        if (pausing.remove(attempt)) {
            attempt.run();
        }
    }

    /** Runs the task on the pool after the pause; not at all when the link is closed by then. */
    void later(Duration pause, Runnable task) {
        var unused = schedule(pause.toNanos(), task);
    }

    /** Runs the task on the pool at the deadline, unless it is cancelled by what is returned, or the link is closed by then. */
    Runnable at(Deadline deadline, Runnable task) {
        Future<?> timed = schedule(deadline.timeRemaining(TimeUnit.NANOSECONDS), task);
        return () -> timed.cancel(false);
    }

    private Future<?> schedule(long nanos, Runnable task) {
        Runnable hop = () -> {
            if (!closed) {
                pool.execute(task);
            }
        };
        if (!closed) {
            try {
                return timer.schedule(hop, nanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // Closed just now.
                LOG.log(System.Logger.Level.DEBUG, "not scheduled: the link is closed", e);
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    EtcdLinkConfig config() {
        return config;
    }

    /** The request timeout, from now. */
    Deadline deadline() {
        return Deadline.after(config.requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Changes nothing about the link's own token. */
    CompletableFuture<AuthenticateResponse> authenticate(ByteString user, ByteString password) {
        AuthenticateRequest request = AuthenticateRequest.newBuilder()
                .setNameBytes(user)
                .setPasswordBytes(password)
                .build();
        // On the pool: an application's threads may all be waiting for this token.
        return new UnaryCall<>(this, AuthGrpc.getAuthenticateMethod(), request, Kind.READ, deadline(), pool)
                .startWithoutToken();
    }

    private CompletableFuture<Token> authenticate() {
        CompletableFuture<Token> token = new CompletableFuture<>();
        var asked = authenticate(ByteString.copyFromUtf8(String.valueOf(config.user())), password());
        var unused = asked.whenComplete((response, failure) -> {
            if (failure == null) {
                token.complete(new Token(response.getToken()));
            } else if (says(failure, "authentication is not enabled")) {
                // As Go's client: a user for a cluster that (not yet) asks for one does no harm.
                token.complete(Token.NONE);
            } else {
                token.completeExceptionally(failure);
            }
        });
        return token;
    }

    private ByteString password() {
        char[] password = config.password();
        try {
            return ByteString.copyFrom(StandardCharsets.UTF_8.encode(CharBuffer.wrap(password)));
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    private static boolean says(Throwable failure, String text) {
        return failure instanceof EtcdException
                && String.valueOf(failure.getMessage()).contains(text);
    }

    /** Refused before anything was done, because of the token; so the call may be repeated with a new one. */
    boolean tokenRefused(Status status) {
        if (!tokens.inUse() || status.getDescription() == null) {
            return false;
        }
        String text = status.getDescription().toLowerCase(Locale.ROOT);
        return text.contains("invalid auth token")
                || text.contains("revision of auth store is old")
                || text.contains("revision in header is old")
                || text.contains("user name is empty");
    }

    Metadata headers(Token token) {
        Metadata headers = new Metadata();
        if (!token.text().isEmpty()) {
            headers.put(TOKEN, token.text());
        }
        return headers;
    }

    /** From now on failures are those of a closed link. */
    void close() {
        closed = true;
        pausing.forEach(this::resume);
    }

    boolean isClosed() {
        return closed;
    }
}
