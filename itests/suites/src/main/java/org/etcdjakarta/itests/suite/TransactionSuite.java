package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.etcd.jetcd.options.GetOption;
import jakarta.transaction.RollbackException;
import java.util.List;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** etcd as the only resource of a JTA transaction. */
@ExtendWith(ArquillianExtension.class)
class TransactionSuite {

    private static final String A = "/transaction/a";
    private static final String B = "/transaction/b";
    private static final String C = "/transaction/c";

    private final Etcdctl witness = Etcdctl.fromSystemProperties();

    @Deployment
    static WebArchive application() {
        return TestApplication.war(TransactionSuite.class);
    }

    @BeforeEach
    void clean() {
        witness.deletePrefix("/transaction/");
    }

    @AfterEach
    void nothingOfTheProtocolIsLeft() {
        assertThat(witness.keys("/_etcd-jakarta/"))
                .as("but slots, which are used again, the sign that this server lives, and checkpoints of other suites")
                .allMatch(key -> key.matches("/_etcd-jakarta/[cos]/.*"));
    }

    @Test
    @Tag("smoke")
    void commitAppliesAllWritesInOneRevision() throws Exception {
        witness.put(C, "old");

        Transactions.commit(() -> {
            try (EtcdConnection connection = Names.connect()) {
                Texts.put(connection.kv(), A, "1");
                Texts.put(connection.kv(), B, "2");
                Texts.delete(connection.kv(), C);
            }
            assertThat(witness.keys("/transaction/")).containsExactly(C);
        });

        assertThat(witness.get(A)).hasValue("1");
        assertThat(witness.get(B)).hasValue("2");
        assertThat(witness.get(C)).isEmpty();
        assertThat(witness.modRevision(A)).isEqualTo(witness.modRevision(B));
    }

    @Test
    void severalConnectionsOfOneTransactionCommitTogether() throws Exception {
        Transactions.commit(() -> {
            try (EtcdConnection first = Names.connect();
                    EtcdConnection second = Names.connect()) {
                Texts.put(first.kv(), A, "1");
                assertThat(Texts.get(second.kv(), A)).hasValue("1");
                Texts.put(second.kv(), B, "2");
            }
            try (EtcdConnection third = Names.connect()) {
                assertThat(Texts.get(third.kv(), B)).hasValue("2");
            }
        });

        assertThat(witness.modRevision(A)).isEqualTo(witness.modRevision(B));
    }

    @Test
    @Tag("smoke")
    void rollbackLeavesNothing() throws Exception {
        Transactions.rollback(() -> {
            try (EtcdConnection connection = Names.connect()) {
                Texts.put(connection.kv(), A, "1");
            }
        });

        assertThat(witness.keys("/transaction/")).isEmpty();
    }

    @Test
    void readsSeeTheTransactionsOwnWritesAndNobodySeesThemOutside() throws Exception {
        witness.put(A, "old");
        witness.put(C, "there");

        Transactions.rollback(() -> {
            try (EtcdConnection connection = Names.connect()) {
                Texts.put(connection.kv(), A, "new");
                Texts.put(connection.kv(), B, "added");
                Texts.delete(connection.kv(), C);

                assertThat(Texts.get(connection.kv(), A)).hasValue("new");
                assertThat(Texts.get(connection.kv(), C)).isEmpty();
                List<String> keys = connection
                        .kv()
                        .get(
                                Texts.bytes("/transaction/"),
                                GetOption.builder().isPrefix(true).build())
                        .join()
                        .getKvs()
                        .stream()
                        .map(found -> Texts.text(found.getKey()))
                        .toList();
                assertThat(keys).containsExactly(A, B);
                assertThat(witness.keys("/transaction/")).containsExactly(A, C);
            }
        });
    }

    @Test
    void changeOfAReadKeyByAnOutsiderRollsBack() throws Exception {
        witness.put(A, "seen");

        assertThatThrownBy(() -> Transactions.commit(() -> {
                    try (EtcdConnection connection = Names.connect()) {
                        assertThat(Texts.get(connection.kv(), A)).hasValue("seen");
                        Texts.put(connection.kv(), B, "depends on a");
                        witness.put(A, "changed");
                    }
                }))
                .isInstanceOf(RollbackException.class);

        assertThat(witness.get(A)).hasValue("changed");
        assertThat(witness.get(B)).isEmpty();
    }

    @Test
    void keyAppearingInAReadRangeRollsBack() throws Exception {
        assertThatThrownBy(() -> Transactions.commit(() -> {
                    try (EtcdConnection connection = Names.connect()) {
                        GetOption prefix = GetOption.builder().isPrefix(true).build();
                        assertThat(connection
                                        .kv()
                                        .get(Texts.bytes("/transaction/range/"), prefix)
                                        .join()
                                        .getCount())
                                .isZero();
                        Texts.put(connection.kv(), B, "the range is empty");
                        witness.put("/transaction/range/1", "no longer");
                    }
                }))
                .isInstanceOf(RollbackException.class);

        assertThat(witness.get(B)).isEmpty();
    }

    @Test
    void outsidersChangeOfOtherKeysDisturbsNothing() throws Exception {
        witness.put(A, "seen");

        Transactions.commit(() -> {
            try (EtcdConnection connection = Names.connect()) {
                assertThat(Texts.get(connection.kv(), A)).hasValue("seen");
                witness.put(C, "other");
                Texts.put(connection.kv(), B, "written");
            }
        });

        assertThat(witness.get(B)).hasValue("written");
    }

    @Test
    void handleOpenedBeforeTheTransactionJoinsItOrIsRefused() throws Exception {
        try (EtcdConnection earlier = Names.connect()) {
            Transactions.rollback(() -> refusedOrDone(() -> Texts.put(earlier.kv(), A, "1")));

            // Either way nothing was written outside of the transaction.
            assertThat(witness.get(A)).isEmpty();
        }
    }

    @Test
    void handleOpenedBeforeTheTransactionCommitsWithItOrIsRefused() throws Exception {
        try (EtcdConnection earlier = Names.connect()) {
            boolean[] done = new boolean[1];
            Transactions.commit(() -> {
                done[0] = refusedOrDone(() -> Texts.put(earlier.kv(), A, "1"));
                assertThat(witness.get(A)).isEmpty();
            });

            assertThat(witness.get(A).isPresent()).isEqualTo(done[0]);
        }
    }

    @Test
    void handleKeptOverTheEndOfItsTransactionWorksOnOrIsRefused() throws Exception {
        // WildFly destroys a managed connection that still has a handle when its transaction ends.
        try (EtcdConnection kept = Names.connect()) {
            Transactions.commit(() -> {
                try (EtcdConnection inside = Names.connect()) {
                    Texts.put(inside.kv(), A, "1");
                }
            });
            boolean done = refusedOrDone(() -> Texts.put(kept.kv(), B, "2"));

            assertThat(witness.get(A)).hasValue("1");
            assertThat(witness.get(B).isPresent()).isEqualTo(done);
        }
    }

    @Test
    void transactionWithoutAnyUseOfItsConnectionCommits() throws Exception {
        Transactions.commit(() -> Names.connect().close());

        assertThat(witness.keys("/transaction/")).isEmpty();
    }

    /** True when the call worked; one that was refused says so with one of our numbers. */
    private static boolean refusedOrDone(Runnable call) {
        Throwable refused = catchThrowable(call::run);
        if (refused != null) {
            assertThat(refused).hasStackTraceContaining("ETCD-003");
        }
        return refused == null;
    }
}
