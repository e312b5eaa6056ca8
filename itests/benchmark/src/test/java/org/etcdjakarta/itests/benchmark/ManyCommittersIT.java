package org.etcdjakarta.itests.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.TxnRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.CountedEngine;
import org.etcdjakarta.core.tx.CountedEngine.Trips;
import org.etcdjakarta.core.tx.TxSettings;
import org.etcdjakarta.itests.support.EtcdServer;
import org.junit.jupiter.api.Test;

/**
 * What it costs that nobody writes what a prepared branch holds: committers whose keys are disjoint, in one
 * engine and in four that share nothing, beside the same without the compare of a commit with all intents (a prepare
 * has none: it looks at them in its success branch, there as here). All take turns in each round, {@code
 * -Dcommitters.millis=} long, {@code -Dcommitters.rounds=} of them; the profile {@code long} has more. That all succeed is asserted, and the
 * round trips where nobody else prepares; the rest is reported, in {@code target/many-committers.md}.
 */
class ManyCommittersIT {

    private static final Duration TURN = Duration.ofMillis(Integer.getInteger("committers.millis", 50));
    private static final int ROUNDS = Integer.getInteger("committers.rounds", 3);
    private static final int BRANCHES = Integer.getInteger("committers.branches", 400);
    private static final int QUIET = 50;
    private static final ByteString INTENTS = ByteString.copyFromUtf8(TxSettings.DEFAULT_RESERVED_PREFIX + "i/");

    private enum Kind {
        TWO_PHASES,
        ONE_PHASE,
        /** Every other one in two phases. */
        BOTH
    }

    /** @param compared false in the control: without the compare of intents */
    private record Shape(Kind kind, int engines, int committers, boolean compared) {

        Shape control() {
            return new Shape(kind, engines, committers, false);
        }

        boolean twoPhases(int committer) {
            // engines have some of each
            return kind == Kind.TWO_PHASES || (kind == Kind.BOTH && committer / engines % 2 == 0);
        }
    }

    private record Turn(double seconds, long commits, long retries, Trips trips) {

        double commitsPerSecond() {
            return commits / seconds;
        }

        double retriesPerCommit() {
            return (double) retries / commits;
        }

        double txnsPerCommit() {
            return (double) trips.txns() / commits;
        }
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private int links;
    private int names;

    @Test
    void committersWhoseKeysAreDisjointAllSucceed() throws Exception {
        Map<Shape, List<Turn>> turns = new LinkedHashMap<>();
        try (EtcdServer etcd = EtcdServer.start();
                Engines compared = new Engines(etcd, UnaryOperator.identity());
                Engines control = new Engines(etcd, ManyCommittersIT::withoutIntents)) {
            for (int round = -1; round < ROUNDS; round++) {
                for (Shape shape : shapes(round)) {
                    Turn turn = turn((shape.compared() ? compared : control).all(shape.engines()), shape);
                    // the first is for the compiler, and makes slots
                    if (round >= 0) {
                        turns.computeIfAbsent(shape, same -> new ArrayList<>()).add(turn);
                    }
                }
            }
            assertThat(compared.conflicts() + control.conflicts()).isZero();
            report(Surroundings.of(etcd, Runtime.version()), turns);
        } finally {
            threads.shutdownNow();
        }
    }

    /** One round trip, and one more to prepare: the compare of intents takes none, whether others have prepared before or not. */
    @Test
    void whereNobodyElsePreparesOneTxnCommits() throws Exception {
        try (EtcdServer etcd = EtcdServer.start();
                CountedEngine engine = engine(etcd, UnaryOperator.identity());
                CountedEngine other = engine(etcd, UnaryOperator.identity())) {
            Committer onePhase = new Committer(engine.engine(), "one", false);
            Committer twoPhases = new Committer(engine.engine(), "two", true);
            Committer others = new Committer(other.engine(), "other", true);
            for (int i = 0; i < 2; i++) {
                onePhase.commit();
                twoPhases.commit();
                assertThat(trips(engine, onePhase)).isEqualTo(new Trips(2 * QUIET, QUIET, 0));
                assertThat(trips(engine, twoPhases)).isEqualTo(new Trips(2 * QUIET, 2 * QUIET, 0));
                // and again after this
                others.commit();
            }
            Trips before = engine.trips();
            for (int i = 0; i < QUIET; i++) {
                Xid xid = others.prepare();
                // time for the watch to tell
                TimeUnit.MILLISECONDS.sleep(20);
                onePhase.commit();
                others.complete(xid);
            }
            System.out.println(QUIET + " commits, each while a branch of another process is prepared, took "
                    + engine.trips().since(before).txns() + " Txns");
        }
    }

    /**
     * etcd's index keeps keys that were deleted until the next compaction, and a range compare passes over all of them. So what is
     * compared must not leave a key for each branch that has ever been prepared.
     */
    @Test
    void completedBranchesDoNotMakeLaterCommitsSlower() throws Exception {
        StringBuilder text =
                new StringBuilder("| branches completed since the last compaction | ms a commit |\n| ---: | ---: |\n");
        try (EtcdServer etcd = EtcdServer.start();
                CountedEngine engine = engine(etcd, UnaryOperator.identity())) {
            Committer onePhase = new Committer(engine.engine(), "one", false);
            Committer twoPhases = new Committer(engine.engine(), "two", true);
            millis(onePhase);
            for (int completed = 0; ; completed += BRANCHES / 4) {
                text.append(String.format(Locale.ROOT, "| %d | %.2f |%n", completed, millis(onePhase)));
                if (completed >= BRANCHES) {
                    break;
                }
                for (int i = 0; i < BRANCHES / 4; i++) {
                    twoPhases.commit();
                }
            }
            etcd.etcdctl(
                    "compaction", "--physical", Long.toString(etcd.etcdctl().revision()));
            text.append(String.format(Locale.ROOT, "| 0 | %.2f |%n", millis(onePhase)));
        }
        write("many-committers-index.md", text);
    }

    private static double millis(Committer committer) throws XAException {
        double[] millis = new double[300];
        for (int i = 0; i < millis.length; i++) {
            long began = System.nanoTime();
            committer.commit();
            millis[i] = (System.nanoTime() - began) / 1e6;
        }
        return Median.of(millis);
    }

    private static Trips trips(CountedEngine engine, Committer committer) throws XAException {
        Trips before = engine.trips();
        for (int i = 0; i < QUIET; i++) {
            committer.commit();
        }
        return engine.trips().since(before);
    }

    /** Of each pair the other comes first in the next round. */
    private static List<Shape> shapes(int round) {
        List<Shape> shapes = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (int engines : new int[] {1, 4}) {
                for (int committers : new int[] {1, 4, 16}) {
                    if (committers >= engines && (kind != Kind.BOTH || committers == 16)) {
                        Shape shape = new Shape(kind, engines, committers, true);
                        shapes.addAll(
                                round % 2 == 0 ? List.of(shape, shape.control()) : List.of(shape.control(), shape));
                    }
                }
            }
        }
        return shapes;
    }

    private static TxnRequest withoutIntents(TxnRequest txn) {
        TxnRequest.Builder stripped = txn.toBuilder().clearCompare();
        txn.getCompareList().stream()
                .filter(compare -> !compare.getKey().startsWith(INTENTS))
                .forEach(stripped::addCompare);
        return stripped.build();
    }

    private Turn turn(List<CountedEngine> engines, Shape shape) throws Exception {
        List<Callable<Integer>> work = new ArrayList<>();
        long began = System.nanoTime();
        long until = began + TURN.toNanos();
        for (int i = 0; i < shape.committers(); i++) {
            Committer committer =
                    new Committer(engines.get(i % engines.size()).engine(), names++ + "", shape.twoPhases(i));
            work.add(() -> {
                int commits = 0;
                while (System.nanoTime() < until) {
                    committer.commit();
                    commits++;
                }
                return commits;
            });
        }
        Trips before = sum(engines);
        long retries = retries(engines);
        int commits = 0;
        for (Future<Integer> each : threads.invokeAll(work)) {
            commits += each.get();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Turn(
                seconds, commits, retries(engines) - retries, sum(engines).since(before));
    }

    private static Trips sum(List<CountedEngine> engines) {
        return engines.stream().map(CountedEngine::trips).reduce(new Trips(0, 0, 0), Trips::and);
    }

    private static long retries(List<CountedEngine> engines) {
        return engines.stream()
                .mapToLong(each -> each.engine().admin().metrics().retries())
                .sum();
    }

    private CountedEngine engine(EtcdServer etcd, UnaryOperator<TxnRequest> change) {
        EtcdLinkConfig config = EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                // a link is shared by those who ask for the same
                .requestTimeout(Duration.ofSeconds(30).plusMillis(links++))
                .build();
        return new CountedEngine(config, new TxSettings(TxSettings.DEFAULT_RESERVED_PREFIX, 128, "node"), change);
    }

    private final class Engines implements AutoCloseable {

        private final Map<Integer, List<CountedEngine>> engines = new LinkedHashMap<>();
        private final EtcdServer etcd;
        private final UnaryOperator<TxnRequest> change;

        Engines(EtcdServer etcd, UnaryOperator<TxnRequest> change) {
            this.etcd = etcd;
            this.change = change;
        }

        List<CountedEngine> all(int count) {
            return engines.computeIfAbsent(count, none -> {
                List<CountedEngine> made = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    made.add(engine(etcd, change));
                }
                return made;
            });
        }

        long conflicts() {
            return engines.values().stream()
                    .flatMap(List::stream)
                    .mapToLong(each -> each.engine().admin().metrics().conflicts())
                    .sum();
        }

        @Override
        public void close() {
            engines.values().forEach(some -> some.forEach(CountedEngine::close));
        }
    }

    private static void report(Surroundings surroundings, Map<Shape, List<Turn>> turns) throws IOException {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "# Committers side by side, %d rounds of %d ms%n%n%s, Java %s, etcd %s, %s.%n%n",
                ROUNDS,
                TURN.toMillis(),
                surroundings.machine(),
                surroundings.java(),
                surroundings.etcd(),
                surroundings.date()));
        text.append(
                        "| commit | engines | committers | commits/s | without the compare | × | retries a commit | Txns a commit |\n")
                .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (Shape shape : shapes(0)) {
            List<Turn> some = turns.getOrDefault(shape, List.of());
            if (shape.compared()) {
                List<Turn> control = turns.getOrDefault(shape.control(), List.of());
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %d | %d | %.0f | %.0f | %.2f | %.2f | %.2f |%n",
                        shape.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        shape.engines(),
                        shape.committers(),
                        median(some, Turn::commitsPerSecond),
                        median(control, Turn::commitsPerSecond),
                        ratio(some, control),
                        median(some, Turn::retriesPerCommit),
                        median(some, Turn::txnsPerCommit)));
            }
        }
        write("many-committers.md", text);
    }

    private static void write(String name, CharSequence text) throws IOException {
        Path file = Path.of("target", name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static double median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
        return Median.of(turns.stream().mapToDouble(figure).toArray());
    }

    /** Of turns of the same round: what the machine does to one it does to its neighbour. */
    private static double ratio(List<Turn> turns, List<Turn> control) {
        double[] ratios = new double[turns.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = turns.get(i).commitsPerSecond() / control.get(i).commitsPerSecond();
        }
        return Median.of(ratios);
    }
}
