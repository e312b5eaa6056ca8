package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.MatrixProcess.Cell;
import org.etcdjakarta.core.tx.MatrixProcess.Ending;
import org.etcdjakarta.core.tx.MatrixProcess.Moment;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process halts before and after each call that the end of a transaction makes to etcd, also when it has to find out what became
 * of one that was lost, and another one recovers: both resource
 * managers have it or neither has, and they have it if the decision was logged. All processes halt first, each in a transaction
 * of its own, and one recovery serves all, as it may have to wait until etcd has noticed that they are gone.
 */
@WithEtcd
class CrashMatrixIT {

    private static final Duration GENEROUS = Duration.ofMinutes(2);
    private static final int AT_ONCE = 2;

    private final EtcdServer etcd;
    private int foundPrepared;

    CrashMatrixIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @Test
    void whereverAProcessHaltsItIsAllOrNothing(@TempDir Path logs) throws Exception {
        List<Cell> cells = cells(logs);
        System.out.println(
                cells.size() + " cells: " + cells.stream().map(Cell::name).toList());
        run(cells, MatrixProcess.HALTED, logs);

        List<TxEngine> engines = cells.stream()
                .flatMap(cell ->
                        IntStream.range(0, MatrixProcess.RESOURCES).mapToObj(i -> MatrixProcess.settings(cell, i)))
                .map(settings -> TxEngine.open(
                        EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build(), settings))
                .toList();
        try {
            await().atMost(GENEROUS).until(() -> {
                boolean nothing = true;
                for (TxEngine engine : engines) {
                    nothing &= recover(engine.newSession().xaResource(), logs);
                }
                return nothing && leftOver().isEmpty();
            });
        } finally {
            engines.forEach(TxEngine::close);
        }
        assertThat(foundPrepared).as("branches that were recovered").isGreaterThan(cells.size() / 3);

        Map<Ending, Integer> written = new LinkedHashMap<>();
        for (Cell cell : cells) {
            boolean first = etcd.etcdctl().get(MatrixProcess.key(cell, 0)).isPresent();
            boolean second = etcd.etcdctl().get(MatrixProcess.key(cell, 1)).isPresent();
            switch (cell.ending()) {
                case COMMIT, PREPARE_ANSWER_LOST ->
                    assertThat(List.of(first, second))
                            .as(cell.name())
                            .containsOnly(Files.readAllLines(logs.resolve(cell.name()))
                                    .contains(MatrixProcess.DECIDED));
                case ROLLBACK, PREPARE_REQUEST_LOST ->
                    assertThat(List.of(first, second)).as(cell.name()).containsOnly(false);
                case ONE_PHASE -> assertThat(second).as(cell.name()).isFalse();
            }
            written.merge(cell.ending(), first ? 1 : 0, Integer::sum);
        }
        assertThat(written.get(Ending.COMMIT)).as("decided, and not yet").isBetween(1, cells.size() - 1);
        assertThat(written.get(Ending.ONE_PHASE)).as("applied before the halt").isPositive();
    }

    /** A process that does not halt tells which calls there are. To halt at a read is to halt before the write that follows. */
    private List<Cell> cells(Path logs) throws Exception {
        List<Cell> whole = new ArrayList<>();
        for (Ending ending : Ending.values()) {
            whole.add(new Cell(ending, Moment.NEVER, 0));
        }
        run(whole, 0, logs);
        List<Cell> cells = new ArrayList<>();
        for (Cell each : whole) {
            List<String> calls = new ArrayList<>(Files.readAllLines(logs.resolve(each.name())));
            calls.remove(MatrixProcess.DECIDED);
            assertThat(calls).contains("txn");
            // what comes before the call that is lost is as in the other endings
            int lost = Math.max(1, calls.indexOf(MatrixProcess.LOST));
            calls.remove(MatrixProcess.LOST);
            for (int number = lost; number <= calls.size(); number++) {
                if (!calls.get(number - 1).equals("range")) {
                    cells.add(new Cell(each.ending(), Moment.BEFORE, number));
                    cells.add(new Cell(each.ending(), Moment.AFTER, number));
                }
            }
        }
        return cells;
    }

    private void run(List<Cell> cells, int expected, Path logs) throws Exception {
        Map<Cell, Process> running = new LinkedHashMap<>();
        for (Cell cell : cells) {
            running.put(cell, MatrixProcess.start(cell, etcd.endpoint(), logs.resolve(cell.name())));
            if (running.size() == AT_ONCE) {
                end(running, expected);
            }
        }
        end(running, expected);
    }

    private static void end(Map<Cell, Process> running, int expected) throws Exception {
        for (Map.Entry<Cell, Process> each : running.entrySet()) {
            assertThat(each.getValue().waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(each.getValue().exitValue()).as(each.getKey().name()).isEqualTo(expected);
        }
        running.clear();
    }

    /** True when there was nothing to do. */
    private boolean recover(XAResource resource, Path logs) throws Exception {
        Xid[] found = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
        for (Xid xid : found) {
            foundPrepared++;
            String cell = BranchXid.of(xid).gtrid().toStringUtf8();
            boolean decided = Files.readAllLines(logs.resolve(cell)).contains(MatrixProcess.DECIDED);
            try {
                if (decided) {
                    resource.commit(xid, false);
                } else {
                    resource.rollback(xid);
                }
            } catch (XAException e) {
                assertThat(e.errorCode)
                        .as(cell + ": " + e.getMessage())
                        .isIn(XAException.XA_RETRY, XAException.XAER_RMFAIL);
            }
        }
        return found.length == 0;
    }

    private List<String> leftOver() {
        return etcd.etcdctl().keys(MatrixProcess.RESERVED).stream()
                .filter(key -> key.matches(MatrixProcess.RESERVED + "[^/]+/./[pih]/.*"))
                .toList();
    }
}
