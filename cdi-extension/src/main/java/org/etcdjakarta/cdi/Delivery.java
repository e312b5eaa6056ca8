package org.etcdjakarta.cdi;

import jakarta.enterprise.context.control.RequestContextController;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.BeanManager;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/**
 * Where observers run: on the server's managed executor, in the naming and security context of the application, which is
 * captured when it starts; without a server on daemon threads of its own. The application's class loader is set in both cases:
 * on WildFly a task submitted from a thread of the client would carry the server's.
 */
final class Delivery implements Executor, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Delivery.class.getName());
    private static final String EXECUTOR = "java:comp/DefaultManagedExecutorService";
    private static final String CONTEXT = "java:comp/DefaultContextService";

    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile @Nullable BeanManager beans;
    private volatile @Nullable ClassLoader application;
    private volatile @Nullable Executor server;
    private volatile Executor context = Runnable::run;
    private @Nullable ExecutorService own;
    private boolean closed;

    void start(BeanManager manager, ClassLoader applicationLoader) {
        beans = manager;
        application = applicationLoader;
        if (lookup(EXECUTOR) instanceof Executor managed) {
            Object service = lookup(CONTEXT);
            if (service != null) {
                context = CapturedContext.of(service);
            }
            server = managed;
        }
    }

    @Override
    public void execute(Runnable task) {
        Runnable inContext = () -> inContext(task);
        Executor managed = server;
        if (managed != null) {
            try {
                managed.execute(inContext);
                return;
            } catch (RejectedExecutionException e) {
                // its queue is full or it is being stopped; an event must not be lost for that
                LOG.log(Level.DEBUG, "the managed executor refused a task", e);
            }
        }
        own().execute(inContext);
    }

    void inRequestContext(Runnable task) {
        BeanManager manager = beans;
        if (manager == null) {
            task.run();
            return;
        }
        Instance<RequestContextController> controllers =
                manager.createInstance().select(RequestContextController.class);
        RequestContextController controller = controllers.get();
        try {
            boolean activated = controller.activate();
            try {
                task.run();
            } finally {
                if (activated) {
                    controller.deactivate();
                }
            }
        } finally {
            controllers.destroy(controller);
        }
    }

    /** False when the application is being stopped, at once. */
    boolean pause(Duration duration) {
        try {
            return !closing.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Nobody waits for a retry any more. */
    void stopping() {
        closing.countDown();
    }

    /** Idempotent. */
    @Override
    public void close() {
        stopping();
        ExecutorService threads;
        synchronized (this) {
            closed = true;
            threads = own;
        }
        if (threads != null) {
            threads.shutdownNow();
            try {
                if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                    LOG.log(Level.WARNING, "an observer has not ended yet");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized ExecutorService own() {
        if (closed) {
            throw new RejectedExecutionException("the application has been stopped");
        }
        ExecutorService threads = own;
        if (threads == null) {
            var number = new AtomicInteger();
            threads = new ThreadPoolExecutor(
                    0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                        Thread created = new Thread(task, "etcd-events-" + number.incrementAndGet());
                        created.setDaemon(true);
                        return created;
                    });
            own = threads;
        }
        return threads;
    }

    /**
     * A server may refuse its context while the application is enabled or disabled. The task is run all the same: whoever gave
     * it waits for its end, and a watch that waits for good is silent.
     */
    private void inContext(Runnable task) {
        var begun = new AtomicBoolean();
        try {
            context.execute(() -> {
                begun.set(true);
                inLoader(task);
            });
        } catch (RuntimeException e) {
            if (begun.get()) {
                throw e;
            }
            LOG.log(Level.WARNING, CdiMessages.contextFailed(e), e);
            inLoader(task);
        }
    }

    private void inLoader(Runnable task) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(application);
        try {
            task.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static @Nullable Object lookup(String name) {
        try {
            return Jndi.lookup(name);
        } catch (NamingException e) {
            LOG.log(Level.DEBUG, "no {0}: {1}", name, e);
            return null;
        }
    }
}
