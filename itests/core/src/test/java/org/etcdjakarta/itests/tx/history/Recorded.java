package org.etcdjakarta.itests.tx.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one client has done in one transaction, and what it was told. */
final class Recorded {

    enum Outcome {
        COMMITTED,
        ABORTED,
        UNKNOWN
    }

    /** All keys of a range that were there, with their values. */
    record Range(String from, String to, Map<String, String> found) {}

    final String id;
    final String kind;
    final long began = System.nanoTime();
    final Map<String, @Nullable String> reads = new LinkedHashMap<>();
    final List<Range> ranges = new ArrayList<>();
    /** Null is a deletion. */
    final Map<String, @Nullable String> writes = new LinkedHashMap<>();

    private long revision;
    private long ended = Long.MAX_VALUE;
    private Outcome outcome = Outcome.UNKNOWN;

    Recorded(String id, String kind) {
        this.id = id;
        this.kind = kind;
    }

    /** All its reads are to be of this revision. */
    void at(long readRevision) {
        revision = readRevision;
    }

    long revision() {
        return revision;
    }

    /** Each value is written once. */
    String newValue() {
        return id + "#" + writes.size();
    }

    static String writer(String value) {
        return value.substring(0, value.indexOf('#'));
    }

    void ended(Outcome how) {
        outcome = how;
        ended = how == Outcome.UNKNOWN ? Long.MAX_VALUE : System.nanoTime();
    }

    long ended() {
        return ended;
    }

    Outcome outcome() {
        return outcome;
    }

    @Override
    public String toString() {
        return id + " " + kind + " " + outcome + " @" + revision + " reads " + reads + " " + ranges + " writes "
                + writes;
    }
}
