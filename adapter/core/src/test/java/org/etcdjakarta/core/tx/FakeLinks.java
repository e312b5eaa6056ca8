package org.etcdjakarta.core.tx;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.etcdjakarta.core.link.KvProtocol;

/** References on a fake, counted. */
final class FakeLinks implements Links {

    static final TxSettings SETTINGS = new TxSettings("/_etcd-jakarta/", 128, "node-1");

    private final KvProtocol kv;
    private final Pace pace = new Waiting();
    private final AtomicInteger open = new AtomicInteger();
    private final Queue<Delayed> later = new ConcurrentLinkedQueue<>();

    FakeLinks(KvProtocol kv) {
        this.kv = kv;
    }

    static TxEngine engine(KvProtocol kv) {
        return TxEngine.over(new FakeLinks(kv), SETTINGS);
    }

    /** What was put off until now; what it puts off in its turn is left for the next time. */
    void runLater() {
        for (int left = later.size(); left > 0; left--) {
            Delayed next = later.remove();
            pace.pause(next.pause());
            next.task().run();
        }
    }

    private record Delayed(Duration pause, Runnable task) {}

    int open() {
        return open.get();
    }

    @Override
    public Borrowed borrow() {
        open.incrementAndGet();
        return new Borrowed(kv, (pause, task) -> later.add(new Delayed(pause, task)), open::decrementAndGet);
    }

    /** Time passes only when somebody waits. */
    @Override
    public Pace pace() {
        return pace;
    }

    private static final class Waiting implements Pace {

        private final AtomicLong now = new AtomicLong();

        @Override
        public long nanos() {
            return now.get();
        }

        @Override
        public boolean pause(Duration time) {
            now.addAndGet(time.toNanos());
            return !Thread.currentThread().isInterrupted();
        }
    }

    @Override
    public String endpoint() {
        return "http://fake:2379";
    }
}
