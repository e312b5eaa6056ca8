package org.etcdjakarta.itests.suite;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.jspecify.annotations.Nullable;

/** What beans were called with, whatever became of it; beside their effects, which only committed transactions have. */
final class Inbox {

    /** One call of a bean. */
    record Call(String bean, EtcdBatch<byte[]> batch) {}

    private static final Queue<Call> CALLS = new ConcurrentLinkedQueue<>();

    private Inbox() {}

    static void called(Object bean, EtcdBatch<byte[]> batch) {
        CALLS.add(new Call(bean.getClass().getSimpleName(), batch));
    }

    static void clear() {
        CALLS.clear();
    }

    /** In the order of the calls. */
    static List<EtcdBatch<byte[]>> of(Class<?> bean) {
        return CALLS.stream()
                .filter(call -> call.bean().equals(bean.getSimpleName()))
                .map(Call::batch)
                .toList();
    }

    static long callsWith(String key) {
        return CALLS.stream()
                .flatMap(call -> call.batch().events().stream())
                .filter(event -> event.key().equals(key))
                .count();
    }

    /** As in {@code PUT /key new (old)}. */
    static String text(EtcdEvent<byte[]> event) {
        return event.type() + " " + event.key() + text(" ", event.value(), "") + text(" (", event.previous(), ")");
    }

    private static String text(String before, byte @Nullable [] value, String after) {
        return value == null ? "" : before + new String(value, StandardCharsets.UTF_8) + after;
    }
}
