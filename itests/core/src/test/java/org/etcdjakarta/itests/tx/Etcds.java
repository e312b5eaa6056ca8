package org.etcdjakarta.itests.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.Isolation;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;
import org.etcdjakarta.core.tx.TxSettings;

/** Engines for tests, and short words for what is done with their sessions. */
final class Etcds {

    static final String RESERVED = TxSettings.DEFAULT_RESERVED_PREFIX;

    /** So long recovery leaves alone what a process has prepared that has died; etcd grants no less. */
    private static final Duration SESSION_TTL = Duration.ofSeconds(2);

    private Etcds() {}

    static TxEngine engine(String endpoints, Duration requestTimeout) {
        return engine(endpoints, requestTimeout, TxSettings.DEFAULT_ISOLATION);
    }

    static TxEngine engine(String endpoints, Duration requestTimeout, Isolation isolation) {
        return TxEngine.open(
                EtcdLinkConfig.builder()
                        .endpoints(endpoints)
                        .requestTimeout(requestTimeout)
                        .sessionTtl(SESSION_TTL)
                        .build(),
                new TxSettings(
                        RESERVED,
                        TxSettings.DEFAULT_MAX_TXN_OPS,
                        "node-1",
                        isolation,
                        TxSettings.DEFAULT_SETTLING_TIME));
    }

    static void put(TxSession session, String key, String value) {
        session.kv()
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build())
                .join();
    }

    static String get(TxSession session, String key) {
        return session
                .kv()
                .range(RangeRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .build())
                .join()
                .getKvsList()
                .stream()
                .map(kv -> kv.getValue().toStringUtf8())
                .findFirst()
                .orElse("(absent)");
    }
}
