package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A proxy in this JVM between a client and a server on the loopback interface, to break what a network breaks. It is opaque: it
 * sees bytes, no HTTP/2. All methods may be called at any time from any thread and act on open connections as well.
 */
public final class TcpProxy implements AutoCloseable {

    private enum Direction {
        REQUEST,
        RESPONSE
    }

    private final int targetPort;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong accepted = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private boolean refusing;
    private boolean holdRequests;
    private boolean holdResponses;
    private long responseBytesLeft = Long.MAX_VALUE;
    private long delayNanos;
    private boolean closed;

    private TcpProxy(int targetPort) {
        this.targetPort = targetPort;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static TcpProxy to(EtcdServer server) {
        return to(server.port());
    }

    public static TcpProxy to(int targetPort) {
        TcpProxy proxy = new TcpProxy(targetPort);
        proxy.daemon("accept", proxy::accept);
        return proxy;
    }

    /** {@code http://127.0.0.1:port} of the proxy. */
    public String endpoint() {
        return "http://127.0.0.1:" + port();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections were made through the proxy since it started. */
    public long accepted() {
        return accepted.get();
    }

    /** Resets all connections; new ones work, also those that are made as soon as the first of the old ones is reset. */
    public void drop() {
        List.copyOf(sockets).forEach(TcpProxy::abort);
    }

    /** Resets all connections and every new one, as a dead server does, until {@link #restore()}. */
    public void cut() {
        change(() -> refusing = true);
        drop();
    }

    /** Connections stay open and new ones are accepted, but no byte passes until {@link #restore()}; then what was held flows. */
    public void blackHole() {
        change(() -> {
            holdRequests = true;
            holdResponses = true;
        });
    }

    /** Requests arrive and take effect, but no answer comes back, until {@link #restore()}; then what was held flows. */
    public void holdResponses() {
        change(() -> holdResponses = true);
    }

    /**
     * Lets this many more bytes of answers pass, counted over all connections, then resets all connections, once. HTTP/2's own
     * answers count as well, to a ping for example, so that 0 does not mean "the next call's answer": for that, {@link
     * #holdResponses()}, wait until the call has taken effect, {@link #drop()}, {@link #restore()}.
     */
    public void cutAfterResponseBytes(long bytes) {
        change(() -> responseBytesLeft = bytes);
    }

    /** Every piece of data waits so long, in both directions; ZERO ends it. */
    public void delay(Duration delay) {
        change(() -> delayNanos = delay.toNanos());
    }

    /** Everything passes again. Connections that were reset stay so. */
    public void restore() {
        change(() -> {
            refusing = false;
            holdRequests = false;
            holdResponses = false;
            responseBytesLeft = Long.MAX_VALUE;
            delayNanos = 0;
        });
    }

    @Override
    public void close() {
        change(() -> closed = true);
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        drop();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException e) {
                // Closed, or the target does not answer: the client's connection was reset in connect().
            }
        }
    }

    private void connect(Socket client) throws IOException {
        accepted.incrementAndGet();
        Socket server = null;
        try {
            if (refuses()) {
                abort(client);
                return;
            }
            server = new Socket(InetAddress.getLoopbackAddress(), targetPort);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(server);
            // cut() may have run between the look above and add(): it has not seen these two.
            if (refuses()) {
                end(client, server);
                return;
            }
            Socket target = server;
            daemon("request", () -> pump(client, target, Direction.REQUEST));
            daemon("response", () -> pump(target, client, Direction.RESPONSE));
        } catch (IOException e) {
            abort(client);
            if (server != null) {
                abort(server);
            }
            throw e;
        }
    }

    private void pump(Socket from, Socket to, Direction direction) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length;
            while ((length = in.read(buffer)) >= 0) {
                int allowed = admit(direction, length);
                out.write(buffer, 0, allowed);
                out.flush();
                if (allowed < length) {
                    drop();
                    return;
                }
            }
        } catch (IOException e) {
            // One end is gone: the other one goes with it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(from, to);
        }
    }

    /** Waits as long as the direction is held or delayed; returns how many of the bytes may pass. */
    private int admit(Direction direction, int length) throws InterruptedException {
        lock.lock();
        try {
            long left = delayNanos;
            while (!closed && left > 0 && delayNanos > 0) {
                left = changed.awaitNanos(left);
            }
            while (!closed && (direction == Direction.REQUEST ? holdRequests : holdResponses)) {
                changed.await();
            }
            if (direction == Direction.REQUEST || responseBytesLeft == Long.MAX_VALUE) {
                return length;
            }
            int allowed = (int) Math.min(length, responseBytesLeft);
            // Once: the connections made after the cut pass everything again.
            responseBytesLeft = allowed < length ? Long.MAX_VALUE : responseBytesLeft - allowed;
            return allowed;
        } finally {
            lock.unlock();
        }
    }

    private boolean refuses() {
        lock.lock();
        try {
            return refusing || closed;
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(Socket one, Socket other) {
        abort(one);
        abort(other);
        sockets.remove(one);
        sockets.remove(other);
    }

    /** A reset rather than an orderly end: bytes under way are lost, as in a network that breaks. */
    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Already closed.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // Already closed.
        }
    }

    private void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, "tcp-proxy-" + port() + "-" + name);
        thread.setDaemon(true);
        thread.start();
    }
}
