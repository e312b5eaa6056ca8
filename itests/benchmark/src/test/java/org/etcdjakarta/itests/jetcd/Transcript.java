package org.etcdjakarta.itests.jetcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a program has seen: one line for each field of each answer, and what a failure looks like to somebody who knows jetcd. Two
 * runs of a program on one etcd give the same lines: revisions count from the program's start, and lease ids are numbered in
 * the order in which they appear.
 */
final class Transcript {

    private static final long PATIENCE_SECONDS = 60;

    /** Different from run to run by their nature; only that they are there is written down. */
    private static final Set<String> MOVING = Set.of(
            "getRaftIndex", "getRaftAppliedIndex", "getDbSize", "getDbSizeInUse", "getHash", "getRemainingBytes");

    private final List<String> lines = new ArrayList<>();
    private final Map<Long, String> leases = new HashMap<>();
    private final long start;

    private Transcript(long start) {
        this.start = start;
    }

    static List<String> of(Program program, Client client) throws Exception {
        ByteSequence key = ByteSequence.from("/mine/no-such-key", StandardCharsets.UTF_8);
        long revision;
        try {
            revision = client.getKVClient()
                    .get(key)
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .getHeader()
                    .getRevision();
        } catch (ExecutionException e) {
            // A program of a client that may not even read tells of its failures itself.
            revision = 0;
        }
        Transcript transcript = new Transcript(revision);
        program.run(client, transcript);
        return List.copyOf(transcript.lines);
    }

    /** A revision so many after the program's start. */
    long revision(long later) {
        return start + later;
    }

    /** Makes a call and writes down its answer or failure. */
    <T> void call(String name, Call<T> call) throws InterruptedException {
        CompletableFuture<T> future;
        try {
            future = call.start();
        } catch (Exception e) {
            // Thrown instead of given to the future: another thing to its user.
            line(name + ".thrown", e.getClass().getSimpleName());
            return;
        }
        answer(name, future);
    }

    /** As {@link #call}, for a call that succeeds. */
    <T> T result(String name, Call<T> call) throws Exception {
        return result(name, call.start());
    }

    /** Writes down the answer to a call that was made before. */
    <T> T result(String name, CompletableFuture<T> future) throws Exception {
        answer(name, future);
        return future.get(0, TimeUnit.SECONDS);
    }

    private <T> void answer(String name, CompletableFuture<T> future) throws InterruptedException {
        try {
            write(name, future.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            failure(name, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            line(name, "still pending");
        }
    }

    /** Waits for the next of what a listener has put there, and writes it down. */
    void next(String name, BlockingQueue<Object> seen) throws InterruptedException {
        Object next = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next instanceof Throwable failure) {
            failure(name, failure);
        } else {
            write(name, next == null ? "nothing came" : next);
        }
    }

    void write(String name, @Nullable Object value) {
        write(name, "", value);
    }

    private void failure(String name, Throwable failure) {
        line(name + ".failed", failure.getClass().getName());
        Status status = Status.fromThrowable(failure);
        line(name + ".failed.status", status.getCode());
        line(name + ".failed.says", status.getDescription() == null ? "nothing" : text(status.getDescription()));
        Object code = "none";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof EtcdException etcd) {
                code = etcd.getErrorCode();
            }
        }
        line(name + ".failed.code", code);
    }

    private void write(String path, String getter, @Nullable Object value) {
        if (value == null || value instanceof Boolean || value instanceof Enum) {
            line(path, value);
        } else if (value instanceof Number number) {
            line(path, MOVING.contains(getter) ? "moving" : number(getter, number.longValue()));
        } else if (value instanceof List<?> list) {
            line(path + ".size", list.size());
            for (int i = 0; i < list.size(); i++) {
                write(path + "[" + i + "]", getter, list.get(i));
            }
        } else if (value.getClass().getName().startsWith("io.etcd.jetcd.") && !(value instanceof ByteSequence)) {
            fields(path, value);
        } else {
            line(path, text(value.toString()));
        }
    }

    private void fields(String path, Object value) {
        Arrays.stream(value.getClass().getMethods())
                .filter(Transcript::isGetter)
                .sorted(Comparator.comparing(Method::getName))
                .forEach(getter -> {
                    String field = path + "." + getter.getName();
                    try {
                        getter.setAccessible(true);
                        write(field, getter.getName(), getter.invoke(value));
                    } catch (InvocationTargetException e) {
                        line(
                                field + ".thrown",
                                e.getTargetException().getClass().getSimpleName());
                    } catch (IllegalAccessException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static boolean isGetter(Method method) {
        String name = method.getName();
        return method.getParameterCount() == 0
                && !Modifier.isStatic(method.getModifiers())
                && !method.isBridge()
                && method.getDeclaringClass() != Object.class
                && (name.startsWith("get") || name.startsWith("is") || name.startsWith("has"))
                && !name.equals("hashCode");
    }

    private String number(String getter, long value) {
        if (getter.endsWith("Revision") && value > 1) {
            return value >= start ? "start+" + (value - start) : "start" + (value - start);
        }
        if (getter.equals("getID") || getter.equals("getLease")) {
            return lease(value);
        }
        return Long.toString(value);
    }

    private String lease(long id) {
        return id == 0 ? "none" : leases.computeIfAbsent(id, i -> "lease-" + (leases.size() + 1));
    }

    /** Keys of locks and elections end in their lease's id. */
    private String text(String text) {
        String named = text;
        for (Map.Entry<Long, String> lease : leases.entrySet()) {
            named = named.replace(Long.toHexString(lease.getKey()), lease.getValue());
        }
        return named;
    }

    private void line(String name, @Nullable Object value) {
        lines.add(name + " = " + value);
    }

    /** Starts a call. */
    @FunctionalInterface
    interface Call<T> {
        CompletableFuture<T> start() throws Exception;
    }
}
