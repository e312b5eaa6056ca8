package org.etcdjakarta.itests.tx.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.ChangedEngines;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSettings;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.itests.tx.history.Histories.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Histories on the embedded etcd, which is fast and disturbs nobody; and what is found when a protection is missing. */
class HistoryTest {

    private static final int TRANSACTIONS = 2_000;

    @Test
    void allThatIsReadIsExplainedByOneOrder() {
        Result result = run(UnaryOperator.identity());
        System.out.println(result.text());
        assertThat(result.violations()).isEmpty();
        assertThat(result.finding()).isNull();
        assertThat(result.leftOver()).isEmpty();
        assertThat(result.outcomes().get(Recorded.Outcome.COMMITTED)).isGreaterThan(TRANSACTIONS / 4);
        assertThat(result.outcomes().get(Recorded.Outcome.ABORTED))
                .as("conflicts")
                .isGreaterThan(TRANSACTIONS / 20);
    }

    static List<String> guarded() {
        return List.of("history/", TxSettings.DEFAULT_RESERVED_PREFIX + "i/");
    }

    /** Without the compares of what was read; without those of what others have prepared. */
    @ParameterizedTest
    @MethodSource("guarded")
    void theProtocolWithoutAGuardIsFoundOut(String guarded) {
        ByteString prefix = ByteString.copyFromUtf8(guarded);
        Result result = run(txn -> {
            TxnRequest.Builder stripped = txn.toBuilder().clearCompare();
            txn.getCompareList().stream()
                    .filter(compare -> !compare.getKey().startsWith(prefix))
                    .forEach(stripped::addCompare);
            return stripped.build();
        });
        assertThat(result.isGood()).as(result.text()).isFalse();
        System.out.println(guarded + ": " + result.finding() + " "
                + result.violations().stream().limit(3).toList());
    }

    private static Result run(UnaryOperator<TxnRequest> change) {
        List<TxEngine> engines = new ArrayList<>();
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start();
                EtcdLink link = EtcdLink.open(config(etcd))) {
            for (int i = 0; i < 3; i++) {
                engines.add(ChangedEngines.over(
                        config(etcd), new TxSettings(TxSettings.DEFAULT_RESERVED_PREFIX, 128, "node-" + i), change));
            }
            try (Histories histories = new Histories(link, engines, 3, TRANSACTIONS, 1, new AtomicInteger())) {
                return histories.finish();
            } finally {
                engines.forEach(TxEngine::close);
            }
        }
    }

    private static EtcdLinkConfig config(EmbeddedEtcd etcd) {
        return EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .requestTimeout(Duration.ofSeconds(30))
                .build();
    }
}
