package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an operator has ended a prepared branch, for its transaction manager, which may have decided otherwise. It is kept until
 * that, or the operator, forgets it. The value is text: {@code committed 2026-11-29T15:02:41Z node-1}, and the home in a line of
 * its own.
 *
 * @param node whose transactions these were
 * @param home of the log that is to hear of it, see {@link TxSettings}
 */
record HeuristicRecord(Outcome outcome, Instant time, String node, String home) {

    enum Outcome {
        COMMITTED,
        ROLLED_BACK
    }

    private static final String COMMITTED = "committed";
    private static final String ROLLED_BACK = "rolled-back";

    ByteString encode() {
        return ByteString.copyFromUtf8((outcome == Outcome.COMMITTED ? COMMITTED : ROLLED_BACK) + " " + time + " "
                + node + (home.equals(TxSettings.UNKNOWN_HOME) ? "" : "\n" + home));
    }

    /** Null when it is not one of ours. */
    static @Nullable HeuristicRecord decode(ByteString value) {
        String[] lines = value.toStringUtf8().split("\n", 2);
        String[] words = lines[0].split(" ", 3);
        try {
            return words.length == 3 && (words[0].equals(COMMITTED) || words[0].equals(ROLLED_BACK))
                    ? new HeuristicRecord(
                            words[0].equals(COMMITTED) ? Outcome.COMMITTED : Outcome.ROLLED_BACK,
                            Instant.parse(words[1]),
                            words[2],
                            lines.length == 2 ? lines[1] : TxSettings.UNKNOWN_HOME)
                    : null;
        } catch (RuntimeException notOurs) {
            return null;
        }
    }
}
