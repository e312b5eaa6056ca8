package org.etcdjakarta.itests.environment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/** For servers that take all their ports as one offset from the usual ones. */
public final class PortOffset {

    private static final int ATTEMPTS = 200;

    private PortOffset() {}

    /** An offset that makes all these ports free ones below the range from which the kernel takes its own. */
    public static int free(int... ports) {
        int highest = Arrays.stream(ports).max().orElseThrow();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int offset = ThreadLocalRandom.current().nextInt(2_000, 32_000 - highest);
            if (Arrays.stream(ports).allMatch(port -> isFree(port + offset))) {
                return offset;
            }
        }
        throw new IllegalStateException("no offset makes all of these ports free: " + Arrays.toString(ports));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
