package org.etcdjakarta.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A port on which nobody listens and which is kept nevertheless: who connects is refused, and the system gives it neither to
 * another process that asks for a free one nor to an outgoing connection, which might find itself at the other end.
 */
final class KeptPort implements AutoCloseable {

    /** gRPC says that a port is closed when it was told to be; the system closes it a moment later. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final Socket bound;

    KeptPort(int port) {
        bound = bind(port);
    }

    private static Socket bind(int port) {
        SocketAddress address = Network.address(port);
        long start = System.nanoTime();
        while (true) {
            try {
                return bind(address);
            } catch (IOException taken) {
                if (System.nanoTime() - start > LONGEST.toNanos()) {
                    throw new UncheckedIOException(
                            "port " + port + " was taken by another process when the embedded etcd left it", taken);
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private static Socket bind(SocketAddress address) throws IOException {
        Socket socket = new Socket();
        try {
            // Connections that were just closed linger on the port.
            socket.setReuseAddress(true);
            socket.bind(address);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            bound.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
