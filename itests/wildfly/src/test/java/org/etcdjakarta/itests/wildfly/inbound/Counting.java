package org.etcdjakarta.itests.wildfly.inbound;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.EtcdEvent;

/**
 * The effect of all beans: each change adds this server's name to {@code /out/<bean>/<revision>}. So a change that was delivered twice
 * has two names there, and one that was lost none.
 *
 * <p>A change whose value is {@link #HOLD} stops there, after the effect and before the end, until the test says so: there etcd and servers
 * are killed.
 */
final class Counting {

    private static final String HOLD = "hold";

    private Counting() {}

    static void count(EtcdConnectionFactory factory, String bean, EtcdBatch<byte[]> batch) throws Exception {
        try (EtcdConnection etcd = factory.getConnection()) {
            for (EtcdEvent<byte[]> event : batch.events()) {
                add(etcd.kv(), "/out/" + bean + "/" + event.revision());
            }
        }
        for (EtcdEvent<byte[]> event : batch.events()) {
            byte[] value = event.value();
            if (value != null && HOLD.equals(new String(value, StandardCharsets.UTF_8))) {
                hold(bean);
            }
        }
    }

    private static void add(KV kv, String key) {
        String before = kv.get(bytes(key)).join().getKvs().stream()
                .map(found -> found.getValue().toString(StandardCharsets.UTF_8) + " ")
                .findFirst()
                .orElse("");
        kv.put(bytes(key), bytes(before + System.getProperty("jboss.node.name")))
                .join();
    }

    /** Once in a server's life, which is longer than that of its process. */
    private static void hold(String bean) throws IOException {
        Path folder = Path.of(System.getProperty("jboss.server.data.dir"));
        Path holding = folder.resolve("holding-" + bean);
        if (Files.exists(holding)) {
            return;
        }
        Files.createFile(holding);
        while (Files.notExists(folder.resolve("go-on"))) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
