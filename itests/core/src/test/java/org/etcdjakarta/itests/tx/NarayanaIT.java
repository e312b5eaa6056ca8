package org.etcdjakarta.itests.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.core.tx.Isolation;
import org.etcdjakarta.core.tx.TransactionAdmin;
import org.etcdjakarta.core.tx.TransactionAdmin.InDoubtBranch;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two etcds and a resource manager of another kind in one JTA transaction, under the transaction manager of WildFly and Quarkus. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NarayanaIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    /** Narayana asks twice before it takes a branch for an orphan. */
    private static final int PASSES = 3;

    private final EtcdServer first = EtcdServer.start();
    private final EtcdServer second = EtcdServer.start();
    private final TxEngine firstEngine;
    private final TxEngine secondEngine;
    private final Path folder;
    private final Path store;
    private final Path journalFile;
    private final JournalResource journal;
    private final TransactionManager manager;
    private final RecoveryManager recovery;

    NarayanaIT() throws IOException {
        folder = Files.createTempDirectory("narayana");
        this.firstEngine = Etcds.engine(first.endpoint(), TIMEOUT);
        this.secondEngine = Etcds.engine(second.endpoint(), TIMEOUT);
        this.store = Files.createDirectory(folder.resolve("store"));
        this.journalFile = folder.resolve("journal");
        this.journal = new JournalResource(journalFile);
        this.manager = Narayana.start(store);
        this.recovery = Narayana.recovery(List.of(
                () -> firstEngine.newSession().xaResource(),
                () -> secondEngine.newSession().xaResource(),
                () -> journal));
    }

    /** Also of what a test has left that failed, so that it is the only one. */
    @BeforeEach
    void clean() throws Exception {
        for (EtcdServer etcd : List.of(first, second)) {
            etcd.etcdctl().deletePrefix("/k");
            for (String record : branches(etcd)) {
                etcd.etcdctl().delete(record);
            }
        }
        for (Path log : logs()) {
            Files.delete(log);
        }
        Files.deleteIfExists(journalFile);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(manager.getStatus()).isEqualTo(Status.STATUS_NO_TRANSACTION);
        assertThat(branches(first)).isEmpty();
        assertThat(branches(second)).isEmpty();
        assertThat(journal.states()).doesNotContain("prepared");
        assertThat(logs()).isEmpty();
    }

    /** Of transactions that Narayana has not finished. */
    private List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("AtomicAction"))
                    .toList();
        }
    }

    @AfterAll
    void close() throws IOException {
        recovery.terminate();
        firstEngine.close();
        secondEngine.close();
        first.close();
        second.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<String> branches(EtcdServer etcd) {
        return etcd.etcdctl().keys(Etcds.RESERVED).stream()
                .filter(key -> key.matches(Etcds.RESERVED + "[pih]/.*"))
                .toList();
    }

    /** In the order of the resources the branches are prepared and committed. */
    private void begin(XAResource... before) throws Exception {
        manager.begin();
        for (XAResource resource : before) {
            manager.getTransaction().enlistResource(resource);
        }
    }

    private TxSession write(TxEngine engine, String value) throws Exception {
        TxSession session = engine.newSession();
        manager.getTransaction().enlistResource(session.xaResource());
        Etcds.get(session, "/k/read");
        Etcds.put(session, "/k/written", value);
        return session;
    }

    private void assertWritten(String value) {
        assertThat(first.etcdctl().get("/k/written")).hasValue(value);
        assertThat(second.etcdctl().get("/k/written")).hasValue(value);
    }

    private void assertNothingWritten() {
        assertThat(first.etcdctl().get("/k/written")).isEmpty();
        assertThat(second.etcdctl().get("/k/written")).isEmpty();
    }

    private void recover() {
        for (int i = 0; i < PASSES; i++) {
            recovery.scan();
        }
    }

    /** Until etcd has noticed that the process is gone which had prepared them, recovery is not shown its branches. */
    private void recoverWhatADeadProcessHasLeft() {
        await().atMost(GENEROUS).until(() -> {
            recover();
            return branches(first).isEmpty() && branches(second).isEmpty();
        });
    }

    @Test
    void allThreeCommit() throws Exception {
        begin();
        write(firstEngine, "1");
        manager.getTransaction().enlistResource(journal);
        write(secondEngine, "1");
        assertNothingWritten();
        manager.commit();
        assertWritten("1");
        assertThat(journal.states()).containsExactly("committed");
    }

    @Test
    void oneAloneCommitsInOnePhase() throws Exception {
        begin();
        write(firstEngine, "1");
        manager.commit();
        assertThat(first.etcdctl().get("/k/written")).hasValue("1");
    }

    @Test
    void connectionsToTheSameEtcdAreOneBranch() throws Exception {
        begin();
        write(firstEngine, "1");
        TxSession other = firstEngine.newSession();
        manager.getTransaction().enlistResource(other.xaResource());
        assertThat(Etcds.get(other, "/k/written")).isEqualTo("1");
        manager.commit();
        assertThat(first.etcdctl().get("/k/written")).hasValue("1");
    }

    @Test
    void allThreeRollBack() throws Exception {
        begin(journal);
        write(firstEngine, "1");
        write(secondEngine, "1");
        manager.rollback();
        assertNothingWritten();
        assertThat(journal.states()).containsExactly("rolled-back");
    }

    @Test
    void aConflictInTheLastOneRollsAllBack() throws Exception {
        begin(journal);
        write(firstEngine, "1");
        write(secondEngine, "1");
        second.etcdctl().put("/k/read", "by somebody else");
        assertThatThrownBy(manager::commit).isInstanceOf(RollbackException.class);
        assertNothingWritten();
        assertThat(journal.states()).containsExactly("rolled-back");
    }

    @Test
    void anotherThatCannotPrepareRollsAllBack() throws Exception {
        begin();
        write(firstEngine, "1");
        write(secondEngine, "1");
        manager.getTransaction().enlistResource(new JournalResource(journalFile).atPrepare(() -> {
                    throw new XAException(XAException.XA_RBROLLBACK);
                }));
        assertThatThrownBy(manager::commit).isInstanceOf(RollbackException.class);
        assertNothingWritten();
        recover();
    }

    @Test
    void anEtcdThatIsAwayAtPrepareRollsAllBack() throws Exception {
        begin(new JournalResource(journalFile).atPrepare(second::kill));
        write(firstEngine, "1");
        write(secondEngine, "1");
        assertThatThrownBy(manager::commit).isInstanceOf(RollbackException.class);
        second.restart();
        recover();
        assertNothingWritten();
        assertThat(journal.states()).containsExactly("rolled-back");
    }

    /** The application is told that the transaction has committed, which is so: recovery does the rest. */
    @Test
    void anEtcdThatIsAwayAtCommitCommitsWhenItIsBack() throws Exception {
        begin(new JournalResource(journalFile).atCommit(second::kill));
        write(firstEngine, "1");
        write(secondEngine, "1");
        manager.commit();
        assertThat(first.etcdctl().get("/k/written")).hasValue("1");
        recovery.scan();
        second.restart();
        recover();
        assertWritten("1");
    }

    private JournalResource decidingToRollBack() {
        return new JournalResource(journalFile).atCommit(() -> {
            throw new XAException(XAException.XA_HEURRB);
        });
    }

    /** Another resource manager's heuristic is told, and changes nothing of ours. */
    @Test
    void aHeuristicRollbackElsewhereIsMixed() throws Exception {
        begin();
        write(firstEngine, "1");
        write(secondEngine, "1");
        manager.getTransaction().enlistResource(decidingToRollBack());
        assertThatThrownBy(manager::commit).isInstanceOf(HeuristicMixedException.class);
        assertWritten("1");
        assertThat(logs()).as("for the administrator, who decides what to do").hasSize(1);
        Files.delete(logs().get(0));
        Files.delete(journalFile);
    }

    /** When nobody has committed yet, Narayana rolls back what is prepared instead. */
    @Test
    void aHeuristicRollbackOfTheFirstOneRollsAllBack() throws Exception {
        begin(decidingToRollBack());
        write(firstEngine, "1");
        write(secondEngine, "1");
        assertThatThrownBy(manager::commit).isInstanceOf(RollbackException.class);
        assertNothingWritten();
        assertThat(journal.states()).containsExactly("forgotten");
    }

    private void dies(NarayanaCrash.Moment moment) throws Exception {
        Process child = NarayanaCrash.start(moment, first.endpoint(), second.endpoint(), store, journalFile);
        assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(child.exitValue()).isEqualTo(NarayanaCrash.HALTED);
        assertThat(branches(first)).isNotEmpty();
        assertNothingWritten();
    }

    @ParameterizedTest
    @EnumSource
    void whatAProcessLeavesAsItDiesIsBroughtToItsEnd(NarayanaCrash.Moment moment) throws Exception {
        dies(moment);
        recoverWhatADeadProcessHasLeft();
        if (moment == NarayanaCrash.Moment.DECIDED) {
            assertWritten("by the child");
            assertThat(journal.states()).containsExactly("committed");
        } else {
            assertNothingWritten();
            assertThat(journal.states()).containsExactly("rolled-back");
        }
    }

    private static InDoubtBranch inDoubt(TxEngine engine) {
        List<InDoubtBranch> branches = engine.admin().list();
        assertThat(branches).hasSize(1);
        return branches.get(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"HEURISTICALLY_COMMITTED", "HEURISTICALLY_ROLLED_BACK"})
    void recoveryHearsOfWhatAnOperatorHasEndedMeanwhile(TransactionAdmin.State outcome) throws Exception {
        dies(NarayanaCrash.Moment.DECIDED);
        String xid = inDoubt(firstEngine).xid();
        if (outcome == TransactionAdmin.State.HEURISTICALLY_COMMITTED) {
            firstEngine.admin().commit(xid);
        } else {
            firstEngine.admin().rollback(xid);
        }
        assertThat(inDoubt(firstEngine).state()).isEqualTo(outcome);
        if (outcome == TransactionAdmin.State.HEURISTICALLY_COMMITTED) {
            recoverWhatADeadProcessHasLeft();
            assertWritten("by the child");
            assertThat(logs()).as("it is as was decided").isEmpty();
        } else {
            await().atMost(GENEROUS).until(() -> {
                recover();
                return branches(second).isEmpty();
            });
            assertThat(first.etcdctl().get("/k/written")).isEmpty();
            assertThat(second.etcdctl().get("/k/written")).hasValue("by the child");
            assertForgottenWithItsLog();
        }
        assertThat(journal.states()).containsExactly("committed");
    }

    /** Narayana keeps its log of a heuristic, and then our record, until the administrator has deleted the log. */
    private void assertForgottenWithItsLog() throws Exception {
        recover();
        assertThat(inDoubt(firstEngine).state()).isEqualTo(TransactionAdmin.State.HEURISTICALLY_ROLLED_BACK);
        assertThat(logs()).as("for the administrator, who decides what to do").hasSize(1);
        Narayana.deleteLog(logs().get(0));
        recover();
        assertThat(branches(first)).isEmpty();
    }

    private JournalResource whileAnOperatorEndsTheFirst(TransactionAdmin.State outcome) {
        return new JournalResource(journalFile).atCommit(() -> {
            String xid = inDoubt(firstEngine).xid();
            if (outcome == TransactionAdmin.State.HEURISTICALLY_COMMITTED) {
                firstEngine.admin().commit(xid);
            } else {
                firstEngine.admin().rollback(xid);
            }
        });
    }

    @Test
    void anOperatorWhoCommitsWhatIsCommittedIsForgottenAtTheNextRecovery() throws Exception {
        begin(whileAnOperatorEndsTheFirst(TransactionAdmin.State.HEURISTICALLY_COMMITTED));
        write(firstEngine, "1");
        write(secondEngine, "1");
        manager.commit();
        assertWritten("1");
        recover();
        assertThat(branches(first)).isEmpty();
    }

    @Test
    void anOperatorWhoRollsBackWhatIsCommittedIsToldOfAsMixed() throws Exception {
        begin(whileAnOperatorEndsTheFirst(TransactionAdmin.State.HEURISTICALLY_ROLLED_BACK));
        write(firstEngine, "1");
        write(secondEngine, "1");
        assertThatThrownBy(manager::commit).isInstanceOf(HeuristicMixedException.class);
        assertThat(first.etcdctl().get("/k/written")).isEmpty();
        assertThat(second.etcdctl().get("/k/written")).hasValue("1");
        assertForgottenWithItsLog();
    }

    /** So that nobody has to look: the application is not told of a hazard. */
    @Test
    void aLostAnswerToACommitInOnePhaseIsACommit() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(first);
                TxEngine through = Etcds.engine(proxy.endpoint(), GENEROUS)) {
            begin();
            write(through, "slot");
            manager.commit();
            begin();
            write(through, "1");
            proxy.holdResponses();
            CompletableFuture<Void> lost = CompletableFuture.runAsync(() -> {
                await().atMost(GENEROUS)
                        .until(() -> first.etcdctl().get("/k/written").equals(Optional.of("1")));
                proxy.drop();
                proxy.restore();
            });
            manager.commit();
            lost.join();
            assertThat(first.etcdctl().get("/k/written")).hasValue("1");
        }
    }

    /** Two pools whose endpoints are written differently are two resource managers, of one etcd. */
    @Test
    void twoPoolsThatWriteTheSameKeyRollBackAndSayWhy() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(first);
                TxEngine through = Etcds.engine(proxy.endpoint(), TIMEOUT)) {
            begin();
            write(firstEngine, "1");
            write(through, "2");
            assertThatThrownBy(manager::commit)
                    .isInstanceOf(RollbackException.class)
                    .hasStackTraceContaining(
                            "ETCD-00227: two branches of one global transaction write the key" + " '/k/written'");
            assertThat(first.etcdctl().get("/k/written")).isEmpty();
        }
    }

    @Test
    void twoPoolsThatWriteDifferentKeysAreTwoBranches() throws Exception {
        try (TcpProxy proxy = TcpProxy.to(first);
                TxEngine through = Etcds.engine(proxy.endpoint(), TIMEOUT)) {
            begin();
            write(firstEngine, "1");
            TxSession other = through.newSession();
            manager.getTransaction().enlistResource(other.xaResource());
            Etcds.put(other, "/k/other", "2");
            List<String> prepared = new ArrayList<>();
            manager.getTransaction()
                    .enlistResource(new JournalResource(journalFile).atPrepare(() -> prepared.addAll(prepared(first))));
            manager.commit();
            assertThat(prepared).hasSize(2);
            assertThat(first.etcdctl().get("/k/written")).hasValue("1");
            assertThat(first.etcdctl().get("/k/other")).hasValue("2");
        }
    }

    private static List<String> prepared(EtcdServer etcd) {
        return etcd.etcdctl().keys(Etcds.RESERVED + "p/");
    }

    @Test
    void poolsThatDifferInTimeoutAndIsolationAreOneBranch() throws Exception {
        try (TxEngine patient = Etcds.engine(first.endpoint(), GENEROUS, Isolation.SNAPSHOT)) {
            begin();
            write(firstEngine, "1");
            TxSession other = patient.newSession();
            manager.getTransaction().enlistResource(other.xaResource());
            assertThat(Etcds.get(other, "/k/written")).isEqualTo("1");
            Etcds.put(other, "/k/written", "2");
            List<String> prepared = new ArrayList<>();
            manager.getTransaction()
                    .enlistResource(new JournalResource(journalFile).atPrepare(() -> prepared.addAll(prepared(first))));
            manager.commit();
            assertThat(prepared).as("one branch, prepared once").hasSize(1);
            assertThat(first.etcdctl().get("/k/written")).hasValue("2");
        }
    }
}
