package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;

@WithEtcd
class MessageSizeIT {

    private static final int KEYS = 100_000;
    private static final int A_TRANSACTION = 100;

    @Test
    void hundredThousandKeysOfHundredBytesComeInOneAnswer(EtcdServer etcd) {
        try (EtcdLink link = EtcdLink.open(Links.config(etcd.endpoint()).build())) {
            KV kv = link.client().getKVClient();
            ByteSequence value = bytes("x".repeat(100));
            List<CompletableFuture<?>> under = new ArrayList<>();
            for (int from = 0; from < KEYS; from += A_TRANSACTION) {
                Op[] puts = new Op[A_TRANSACTION];
                for (int i = 0; i < A_TRANSACTION; i++) {
                    puts[i] = Op.put(bytes("many/" + (from + i)), value, PutOption.DEFAULT);
                }
                under.add(kv.txn().Then(puts).commit());
                if (under.size() == 20) {
                    under.forEach(Links::get);
                    under.clear();
                }
            }
            under.forEach(Links::get);

            var answer = get(
                    kv.get(bytes("many/"), GetOption.builder().isPrefix(true).build()));
            assertThat(answer.getKvs()).hasSize(KEYS);
        }
    }

    @Test
    void requestAboveTheLimitIsNotSent(EtcdServer etcd) {
        try (EtcdLink link = EtcdLink.open(
                Links.config(etcd.endpoint()).maxOutboundMessageSize(4096).build())) {
            KV kv = link.client().getKVClient();
            get(kv.put(bytes("large"), bytes("x".repeat(4000))));
            EtcdException failure = failureOf(kv.put(bytes("larger"), bytes("x".repeat(5000))));
            assertThat(failure)
                    .isInstanceOf(EtcdLimitException.class)
                    .hasMessageContaining("maxOutboundMessageSize is 4096")
                    .hasMessageContaining("--max-request-bytes");
            assertThat(failure.effect()).isEqualTo(EtcdException.Effect.NOT_APPLIED);
            assertThat(etcd.etcdctl("get", "larger")).isBlank();
        }
    }

    @Test
    void answerAboveTheLimitIsAnError(EtcdServer etcd) {
        try (EtcdLink link = EtcdLink.open(
                Links.config(etcd.endpoint()).maxInboundMessageSize(1024).build())) {
            KV kv = link.client().getKVClient();
            get(kv.put(bytes("long"), bytes("x".repeat(2000))));
            assertThat(failureOf(kv.get(bytes("long"))))
                    .isInstanceOf(EtcdLimitException.class)
                    .hasMessageContaining("maxInboundMessageSize");
        }
    }
}
