package org.etcdjakarta.core.link;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A DNS server that knows SRV records only. Names it does not know do not exist. */
final class FakeDns implements AutoCloseable {

    private static final int SRV = 33;
    private static final int NAME_ERROR = 3;

    /** One record; the target as it is, a point alone for "not here". */
    record Srv(int priority, int weight, int port, String target) {}

    final AtomicInteger questions = new AtomicInteger();
    private final Map<String, List<Srv>> records = new ConcurrentHashMap<>();
    private final DatagramSocket socket;

    FakeDns() {
        try {
            socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "fake-dns");
        thread.setDaemon(true);
        thread.start();
    }

    /** What a JNDI DNS context takes as its provider. */
    String url() {
        return "dns://127.0.0.1:" + socket.getLocalPort();
    }

    void put(String name, Srv... srvs) {
        records.put(name, List.of(srvs));
    }

    void remove(String name) {
        records.remove(name);
    }

    @Override
    public void close() {
        socket.close();
    }

    private void serve() {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        while (!socket.isClosed()) {
            try {
                socket.receive(packet);
                questions.incrementAndGet();
                byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                // Closed, or a client that is gone.
            }
        }
    }

    private byte[] answer(byte[] question) throws IOException {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (question[at] != 0) {
            int length = question[at];
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(question, at + 1, length, StandardCharsets.US_ASCII));
            at += length + 1;
        }
        int end = at + 5;
        List<Srv> found = records.get(name.toString());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(question, 0, 2);
        // an authoritative answer
        out.writeShort(0x8500 | (found == null ? NAME_ERROR : 0));
        out.writeShort(1);
        out.writeShort(found == null ? 0 : found.size());
        out.writeInt(0);
        out.write(question, 12, end - 12);
        for (Srv srv : found == null ? List.<Srv>of() : found) {
            byte[] target = labels(srv.target());
            // the name of the question
            out.writeShort(0xC00C);
            out.writeShort(SRV);
            out.writeShort(1);
            out.writeInt(0);
            out.writeShort(6 + target.length);
            out.writeShort(srv.priority());
            out.writeShort(srv.weight());
            out.writeShort(srv.port());
            out.write(target);
        }
        return bytes.toByteArray();
    }

    private static byte[] labels(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String label : name.equals(".") ? new String[0] : name.split("\\.", -1)) {
            bytes.write(label.length());
            bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        bytes.write(0);
        return bytes.toByteArray();
    }
}
