package org.etcdjakarta.itests.tx.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.etcdjakarta.itests.tx.history.Serializability.Anomaly;
import org.etcdjakarta.itests.tx.history.Serializability.Finding;
import org.junit.jupiter.api.Test;

/** A history by hand for each anomaly, and its nearest neighbour that is none. */
class SerializabilityTest {

    private static void assertFound(Anomaly anomaly, History.Builder history) {
        Finding finding = Serializability.check(history.build());
        assertThat(finding).isNotNull().extracting(Finding::anomaly).isEqualTo(anomaly);
    }

    private static void assertSerializable(History.Builder history) {
        assertThat(Serializability.check(history.build())).isNull();
    }

    @Test
    void nothingIsSerializable() {
        assertSerializable(History.Builder.concurrent());
    }

    @Test
    void oneAfterTheOther() {
        assertSerializable(History.Builder.sequential()
                .transaction("a", "x initial", "y initial")
                .transaction("b", "x a", "y a")
                .transaction("c", "x b", "y a")
                .order("x", "a", "b")
                .order("y", "a", "c"));
    }

    @Test
    void aReadOfWhatWasNeverCommitted() {
        assertFound(
                Anomaly.G1A_ABORTED_READ,
                History.Builder.concurrent().transaction("a", "x aborted").order("x", "a"));
    }

    @Test
    void dirtyWrite() {
        assertFound(
                Anomaly.G0_DIRTY_WRITE,
                History.Builder.concurrent()
                        .transaction("a")
                        .transaction("b")
                        .order("x", "a", "b")
                        .order("y", "b", "a"));
    }

    @Test
    void blindWritesInOneOrder() {
        assertSerializable(History.Builder.concurrent()
                .transaction("a")
                .transaction("b")
                .order("x", "a", "b")
                .order("y", "a", "b"));
    }

    @Test
    void circularInformation() {
        assertFound(
                Anomaly.G1C_CIRCULAR_INFORMATION,
                History.Builder.concurrent()
                        .transaction("a", "y b")
                        .transaction("b", "x a")
                        .order("x", "a")
                        .order("y", "b"));
    }

    @Test
    void lostUpdate() {
        assertFound(
                Anomaly.G_SINGLE,
                History.Builder.concurrent()
                        .transaction("a", "x initial")
                        .transaction("b", "x initial")
                        .order("x", "a", "b"));
    }

    @Test
    void readSkew() {
        assertFound(
                Anomaly.G_SINGLE,
                History.Builder.concurrent()
                        .transaction("a")
                        .transaction("reader", "x initial", "y a")
                        .order("x", "a")
                        .order("y", "a"));
    }

    @Test
    void writeSkew() {
        assertFound(
                Anomaly.G2_WRITE_SKEW,
                History.Builder.concurrent()
                        .transaction("a", "x initial", "y initial")
                        .transaction("b", "x initial", "y initial")
                        .order("x", "a")
                        .order("y", "b"));
    }

    /** Each has looked at a range, of which it has not seen the key that the other then made. */
    @Test
    void phantoms() {
        assertFound(
                Anomaly.G2_WRITE_SKEW,
                History.Builder.concurrent()
                        .transaction("a", "r/a initial", "r/b initial")
                        .transaction("b", "r/a initial", "r/b initial")
                        .order("r/a", "a")
                        .order("r/b", "b"));
    }

    /** Snapshot isolation with a reader that makes the order visible (Fekete, O'Neil, O'Neil 2004). */
    @Test
    void readOnlyAnomaly() {
        assertFound(
                Anomaly.G2_WRITE_SKEW,
                History.Builder.concurrent()
                        .transaction("deposit", "saving initial")
                        .transaction("withdraw", "saving initial", "checking initial")
                        .transaction("report", "saving deposit", "checking initial")
                        .order("saving", "deposit")
                        .order("checking", "withdraw"));
    }

    @Test
    void staleReadIsSerializableAndNotStrictlySo() {
        assertFound(
                Anomaly.REAL_TIME,
                History.Builder.sequential()
                        .transaction("writer")
                        .transaction("reader", "x initial")
                        .order("x", "writer"));
        assertSerializable(History.Builder.concurrent()
                .transaction("writer")
                .transaction("reader", "x initial")
                .order("x", "writer"));
    }

    @Test
    void anUpdateThatIsAppliedLongAfterItsEndIsFound() {
        assertFound(
                Anomaly.REAL_TIME,
                History.Builder.sequential()
                        .transaction("first")
                        .transaction("second")
                        .transaction("third")
                        .order("x", "second", "third", "first"));
    }

    @Test
    void aDeletionIsAVersionAsAnyOther() {
        assertFound(
                Anomaly.G_SINGLE,
                History.Builder.concurrent()
                        .transaction("put", "x initial")
                        .transaction("delete", "x put")
                        .transaction("late", "x put")
                        .order("x", "put", "delete", "late"));
    }

    @Test
    void aLongCycleIsFoundAmongManyThatAreInOrder() {
        History.Builder history = History.Builder.concurrent();
        for (int i = 0; i < 2_000; i++) {
            history.transaction("t" + i, "k" + i + " initial");
            history.order("k" + i, "t" + (i + 1) % 2_000);
        }
        assertFound(Anomaly.G2_WRITE_SKEW, history);
    }
}
