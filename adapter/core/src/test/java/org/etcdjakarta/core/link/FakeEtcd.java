package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A gRPC server with etcd's services that answers what the test says, and counts: for answers that etcd gives never, or not on
 * demand, and for what passes over the wire besides. Who needs an etcd, or one of its faults, has {@code EmbeddedEtcd}.
 */
final class FakeEtcd implements AutoCloseable {

    private static final Context.Key<String> TOKEN = Context.key("token");

    final List<String> tokens = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger puts = new AtomicInteger();
    final AtomicInteger ranges = new AtomicInteger();
    final AtomicInteger authentications = new AtomicInteger();
    final AtomicInteger keepAliveStreams = new AtomicInteger();
    final AtomicInteger keepAlives = new AtomicInteger();
    final AtomicInteger transports = new AtomicInteger();
    final AtomicInteger openTransports = new AtomicInteger();
    final AtomicInteger watchStreams = new AtomicInteger();
    final List<StreamObserver<WatchResponse>> watchAnswers = Collections.synchronizedList(new ArrayList<>());
    final List<Long> watchStarts = Collections.synchronizedList(new ArrayList<>());

    volatile Consumer<StreamObserver<PutResponse>> onPut = answer(PutResponse.getDefaultInstance());
    volatile Consumer<StreamObserver<RangeResponse>> onRange = answer(RangeResponse.getDefaultInstance());
    volatile Consumer<StreamObserver<AuthenticateResponse>> onAuthenticate =
            fail(Status.FAILED_PRECONDITION.withDescription("etcdserver: authentication is not enabled"));
    volatile long keepAliveTtl = 3;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<BindableService> more;
    private final int port;
    private Server server;

    /** @param services instead of those of the same name here */
    FakeEtcd(BindableService... services) {
        more = List.of(services);
        server = start(0);
        port = server.getPort();
    }

    private Server start(int atPort) {
        try {
            NettyServerBuilder builder = NettyServerBuilder.forPort(atPort)
                    .executor(threads)
                    .addService(new Kv())
                    .addService(new Auth())
                    .addService(new Lease())
                    .addService(new Watch())
                    .addService(new Maintenance())
                    .addTransportFilter(new ServerTransportFilter() {
                        @Override
                        public Attributes transportReady(Attributes attributes) {
                            transports.incrementAndGet();
                            openTransports.incrementAndGet();
                            return attributes;
                        }

                        @Override
                        public void transportTerminated(Attributes attributes) {
                            openTransports.decrementAndGet();
                        }
                    })
                    .intercept(new TokenReader());
            more.forEach(builder::addService);
            return builder.build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String endpoint() {
        return "localhost:" + port;
    }

    /** Breaks all connections and serves again at the same port. */
    void restart() {
        stop();
        server = start(port);
    }

    void stop() {
        try {
            server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static <T> Consumer<StreamObserver<T>> answer(T message) {
        return observer -> {
            observer.onNext(message);
            observer.onCompleted();
        };
    }

    static <T> Consumer<StreamObserver<T>> fail(Status status) {
        return observer -> observer.onError(status.asRuntimeException());
    }

    /** The first, then the second for good. */
    static <T> Consumer<StreamObserver<T>> firstThen(
            Consumer<StreamObserver<T>> first, Consumer<StreamObserver<T>> then) {
        AtomicInteger count = new AtomicInteger();
        return observer -> (count.getAndIncrement() == 0 ? first : then).accept(observer);
    }

    /** Accepts one token only. */
    static <T> Consumer<StreamObserver<T>> withToken(String token, Status refusal, Consumer<StreamObserver<T>> then) {
        return observer -> (token.equals(TOKEN.get()) ? then : FakeEtcd.<T>fail(refusal)).accept(observer);
    }

    @Override
    public void close() {
        stop();
        threads.shutdownNow();
    }

    private final class TokenReader implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String token = headers.get(Calls.TOKEN);
            tokens.add(String.valueOf(token));
            return Contexts.interceptCall(
                    Context.current().withValue(TOKEN, String.valueOf(token)), call, headers, next);
        }
    }

    private final class Kv extends KVGrpc.KVImplBase {
        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            puts.incrementAndGet();
            onPut.accept(observer);
        }

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
            ranges.incrementAndGet();
            onRange.accept(observer);
        }
    }

    private final class Auth extends AuthGrpc.AuthImplBase {
        @Override
        public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> observer) {
            authentications.incrementAndGet();
            onAuthenticate.accept(observer);
        }
    }

    private final class Lease extends LeaseGrpc.LeaseImplBase {
        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> answers) {
            keepAliveStreams.incrementAndGet();
            return new Ignoring<>() {
                @Override
                public void onNext(LeaseKeepAliveRequest request) {
                    keepAlives.incrementAndGet();
                    answers.onNext(LeaseKeepAliveResponse.newBuilder()
                            .setID(request.getID())
                            .setTTL(keepAliveTtl)
                            .build());
                }

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }

    private static final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
        @Override
        public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
            answer(StatusResponse.newBuilder().setVersion("3.5.16").build()).accept(observer);
        }
    }

    private final class Watch extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
            return new Ignoring<>() {
                @Override
                public void onNext(WatchRequest request) {
                    watchStarts.add(request.getCreateRequest().getStartRevision());
                    watchAnswers.add(answers);
                    watchStreams.incrementAndGet();
                }
            };
        }
    }

    private abstract static class Ignoring<T> implements StreamObserver<T> {
        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
