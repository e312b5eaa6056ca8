package org.etcdjakarta.itests.link;

import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One caller that makes the same call again and again until it is closed. */
final class Repeated implements AutoCloseable {

    /** A call that fails at once would otherwise take the processor from everybody else. */
    private static final long FAILED_PAUSE_MILLIS = 10;

    private final AtomicLong successes = new AtomicLong();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Thread caller;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Repeated(Runnable call) {
        caller = new Thread(() -> repeat(call), "repeated");
    }

    static Repeated of(Runnable call) {
        Repeated repeated = new Repeated(call);
        repeated.caller.start();
        return repeated;
    }

    private void repeat(Runnable call) {
        boolean more = true;
        while (more) {
            try {
                call.run();
                successes.incrementAndGet();
                more = stopped.getCount() > 0;
            } catch (RuntimeException | AssertionError e) {
                failures.add(e);
                more = !stoppedWithin(FAILED_PAUSE_MILLIS);
            }
        }
    }

    private boolean stoppedWithin(long millis) {
        try {
            return stopped.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    long successes() {
        return successes.get();
    }

    void awaitMore(long calls) {
        long before = successes.get();
        await().atMost(GENEROUS).until(() -> successes.get() >= before + calls);
    }

    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            caller.join(GENEROUS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
