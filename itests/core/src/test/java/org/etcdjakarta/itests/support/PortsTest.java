package org.etcdjakarta.itests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortsTest {

    private static final int KERNELS_OWN = 32_768;

    @Test
    void areDifferentOnesThatNobodyIsGivenWithoutAskingForThem() throws IOException {
        int[] ports = Ports.free(50);

        assertThat(ports).hasSize(50).doesNotHaveDuplicates();
        assertThat(IntStream.of(ports)).allMatch(port -> port < KERNELS_OWN);
        for (int port : ports) {
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                assertThat(socket.isBound()).isTrue();
            }
        }
    }
}
