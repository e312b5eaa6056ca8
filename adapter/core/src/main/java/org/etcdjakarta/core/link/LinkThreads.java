package org.etcdjakarta.core.link;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocal;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocalThread;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All threads of one link: an event loop for its sockets and timers, and a pool that grows for callbacks. gRPC's process-wide
 * pools are not used: their threads would take the context class loader of whichever application called first, and would
 * outlive the link. Ours have the context class loader of this class and end with the link. NIO and not epoll: no native
 * library that two class loaders of one server could fight for.
 */
final class LinkThreads {

    private static final AtomicInteger LINKS = new AtomicInteger();

    private final String name;
    private final EventLoopGroup eventLoops;
    private final ThreadPoolExecutor pool;

    LinkThreads(int connections) {
        name = "etcd-link-" + LINKS.incrementAndGet();
        int loops = Math.max(1, Math.min(connections, Runtime.getRuntime().availableProcessors()));
        eventLoops = new NioEventLoopGroup(loops, factory("io-"));
        pool = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                factory("work-"),
                // Stopped, and a callback comes late: somebody may be waiting for what it brings.
                (late, stopped) -> newThread("late", late).start());
    }

    private ThreadFactory factory(String kind) {
        AtomicInteger count = new AtomicInteger();
        return task -> newThread(kind + count.incrementAndGet(), task);
    }

    Thread newThread(String role, Runnable task) {
        Thread thread = withoutCallers(() -> new LinkThread(task, name + "-" + role));
        thread.setDaemon(true);
        thread.setContextClassLoader(LinkThreads.class.getClassLoader());
        return thread;
    }

    /**
     * A thread keeps the protection domains, and so the class loaders, of all that is on the stack when it is made, security
     * manager or not (before JDK 24). The application that happens to call then may be gone long before the link is.
     */
    @SuppressWarnings("removal")
    private static Thread withoutCallers(PrivilegedAction<Thread> maker) {
        return AccessController.doPrivileged(maker);
    }

    /** True on a thread of any link. */
    boolean isOwnThread() {
        return Thread.currentThread() instanceof LinkThread;
    }

    /**
     * To be called whenever the thread of a caller comes back from gRPC. What is to be done for a channel is done there by
     * whoever happens to be in it, and when that is to open a connection, netty keeps thread locals, which on a thread that
     * outlives the link would keep our class loader for good. Threads that are netty's or the link's end by themselves.
     */
    static void leaveNothing() {
        Thread thread = Thread.currentThread();
        if (!(thread instanceof LinkThread) && !(thread instanceof FastThreadLocalThread)) {
            FastThreadLocal.removeAll();
        }
    }

    EventLoopGroup eventLoops() {
        return eventLoops;
    }

    /** For timers; what they run must be short. */
    ScheduledExecutorService timer() {
        return eventLoops;
    }

    /** For callbacks, which may block. Takes every task, also after {@link #stop()}. */
    ExecutorService pool() {
        return pool;
    }

    /** After the channel has terminated. Callbacks that have begun end in their own time. */
    void stop() {
        pool.shutdown();
        var unused = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        eventLoops.terminationFuture().awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private static final class LinkThread extends Thread {
        LinkThread(Runnable task, String name) {
            super(null, task, name, 0, false);
        }
    }
}
