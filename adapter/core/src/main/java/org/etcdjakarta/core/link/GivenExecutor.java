package org.etcdjakarta.core.link;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An application's executor, and the link's pool for what it does not take: a server that stops an application stops its
 * executor, too, and a completion that is lost would leave somebody waiting for ever.
 */
final class GivenExecutor implements Executor {

    private static final System.Logger LOG = System.getLogger(GivenExecutor.class.getName());

    private final Executor given;
    private final Executor pool;

    GivenExecutor(Executor given, Executor pool) {
        this.given = given;
        this.pool = pool;
    }

    @Override
    public void execute(Runnable task) {
        Once once = new Once(task);
        try {
            given.execute(once);
        } catch (RuntimeException e) {
            // RejectedExecutionException, or whatever a server throws for an application that has ended.
            LOG.log(System.Logger.Level.DEBUG, "the given executor refused a task; it runs on a thread of the link", e);
            pool.execute(once);
        }
    }

    /** An executor that runs the task at once lets its exception through; that is no refusal. */
    private static final class Once implements Runnable {

        private final Runnable task;
        private final AtomicBoolean begun = new AtomicBoolean();

        Once(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (begun.compareAndSet(false, true)) {
                task.run();
            }
        }
    }
}
