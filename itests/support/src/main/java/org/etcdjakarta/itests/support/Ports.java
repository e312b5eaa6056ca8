package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of the loopback interface, below the range from which the kernel takes those of clients and of servers that do
 * not care. A server that is down for a while, or was never there, has lost a port of that range as soon as anybody opens a socket.
 */
public final class Ports {

    private static final int LOWEST = 10_000;
    /** The kernel's own begin at 32768. */
    private static final int BELOW = 32_000;

    private static final int ATTEMPTS = 1_000;

    private Ports() {}

    /**
     * A port that was free a moment ago. Another process can take it before its user binds it: whoever starts a server on it
     * tries again with another one when that race is lost.
     */
    public static int free() {
        return free(1)[0];
    }

    /** As many different ports as asked for. */
    public static int[] free(int count) {
        Set<Integer> ports = new LinkedHashSet<>();
        for (int attempt = 0; attempt < ATTEMPTS && ports.size() < count; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, BELOW);
            if (isFree(port)) {
                ports.add(port);
            }
        }
        if (ports.size() < count) {
            throw new IllegalStateException("fewer than " + count + " free ports on the loopback interface");
        }
        return ports.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
