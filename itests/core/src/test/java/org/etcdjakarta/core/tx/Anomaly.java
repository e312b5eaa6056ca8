package org.etcdjakarta.core.tx;

import java.util.List;
import java.util.Locale;
import org.etcdjakarta.core.tx.Stage.Tx;

/**
 * The anomalies of the literature, each as one schedule of a few transactions that is the same every time, and the table of what
 * becomes of it at each {@link Isolation}. Each schedule ends in a state, or lets somebody see one, that no serial order of its
 * transactions gives; only the last commit of it may fail.
 *
 * @see <a href="https://www.microsoft.com/en-us/research/publication/a-critique-of-ansi-sql-isolation-levels/">A Critique of
 *     ANSI SQL Isolation Levels</a>
 */
enum Anomaly {

    /** Two write the same two keys, and one's value stays in the first and the other's in the second. */
    DIRTY_WRITE(Becomes.INVISIBLE, Becomes.CONFLICT, Becomes.INVISIBLE) {
        @Override
        Becomes play(Stage stage) {
            Tx one = stage.begin();
            Tx other = stage.begin();
            one.put("x", "one");
            other.put("x", "other");
            other.put("y", "other");
            one.put("y", "one");
            one.mustCommit();
            boolean committed = other.commit();
            return became(!stage.value("x").equals(stage.value("y")), committed);
        }
    },

    /** What was never committed is seen, and what follows from it is. */
    DIRTY_READ(Becomes.INVISIBLE, Becomes.INVISIBLE, Becomes.INVISIBLE) {
        @Override
        Becomes play(Stage stage) {
            stage.given("x", "0");
            Tx rolledBack = stage.begin();
            rolledBack.put("x", "1");
            Tx reader = stage.begin();
            boolean seen = reader.get("x").equals("1");
            rolledBack.vote();
            Tx late = stage.begin();
            seen |= late.get("x").equals("1");
            rolledBack.rollback();
            reader.put("y", "read");
            late.put("z", "read");
            late.mustCommit();
            return became(seen, reader.commit());
        }
    },

    /** Both add to the same number, and one addition is gone. */
    LOST_UPDATE(Becomes.CONFLICT, Becomes.CONFLICT, Becomes.POSSIBLE) {
        @Override
        Becomes play(Stage stage) {
            stage.given("x", "100");
            Tx one = stage.begin();
            Tx other = stage.begin();
            int seen = Integer.parseInt(other.get("x"));
            one.put("x", String.valueOf(Integer.parseInt(one.get("x")) + 10));
            one.mustCommit();
            other.put("x", String.valueOf(seen + 1));
            boolean committed = other.commit();
            return became(committed && !stage.value("x").equals("111"), committed);
        }
    },

    /** One of two keys that belong together is read before, the other one after they were changed. */
    READ_SKEW(Becomes.INVISIBLE, Becomes.INVISIBLE, Becomes.INVISIBLE) {
        @Override
        Becomes play(Stage stage) {
            stage.given("x", "50");
            stage.given("y", "50");
            Tx reader = stage.begin();
            int sum = Integer.parseInt(reader.get("x"));
            Tx writer = stage.begin();
            writer.put("x", "10");
            writer.put("y", "90");
            writer.mustCommit();
            sum += Integer.parseInt(reader.get("y"));
            return became(sum != 100, reader.commit());
        }
    },

    /** Each of two doctors leaves because the other one is on call. */
    WRITE_SKEW(Becomes.CONFLICT, Becomes.POSSIBLE, Becomes.POSSIBLE) {
        @Override
        Becomes play(Stage stage) {
            stage.given("x", "on call");
            stage.given("y", "on call");
            Tx one = stage.begin();
            Tx other = stage.begin();
            boolean free = one.get("y").equals("on call") && other.get("x").equals("on call");
            one.put("x", "off");
            other.put("y", "off");
            one.mustCommit();
            boolean committed = other.commit();
            return became(free && (stage.value("x") + stage.value("y")).equals("offoff"), committed);
        }
    },

    /** A room is booked twice: each of two saw that there is no booking yet. */
    PHANTOM_BY_INSERT(Becomes.CONFLICT, Becomes.POSSIBLE, Becomes.POSSIBLE) {
        @Override
        Becomes play(Stage stage) {
            Tx one = stage.begin();
            Tx other = stage.begin();
            List<String> seen = other.keys("bookings/");
            boolean free = one.keys("bookings/").isEmpty() && seen.isEmpty();
            one.put("bookings/one", "room 1");
            one.mustCommit();
            boolean phantom = !other.keys("bookings/").equals(seen);
            other.put("bookings/other", "room 1");
            boolean committed = other.commit();
            return became(phantom || (free && stage.keys("bookings/").size() == 2), committed);
        }
    },

    /** The last of two replicas is removed: each of two saw that there is another one. */
    PHANTOM_BY_DELETE(Becomes.CONFLICT, Becomes.POSSIBLE, Becomes.POSSIBLE) {
        @Override
        Becomes play(Stage stage) {
            stage.given("replicas/1", "up");
            stage.given("replicas/2", "up");
            Tx one = stage.begin();
            Tx other = stage.begin();
            List<String> seen = other.keys("replicas/");
            boolean enough = one.keys("replicas/").size() == 2 && seen.size() == 2;
            one.delete("replicas/1");
            one.mustCommit();
            boolean phantom = !other.keys("replicas/").equals(seen);
            other.delete("replicas/2");
            boolean committed = other.commit();
            return became(phantom || (enough && stage.keys("replicas/").isEmpty()), committed);
        }
    },

    /**
     * An account is closed and deleted, and comes back because somebody who had seen it open writes it, without reading it.
     * A key that is gone has no revision that would be newer than what the writer saw.
     */
    BLIND_WRITE_OVER_DELETE(Becomes.CONFLICT, Becomes.CONFLICT, Becomes.POSSIBLE) {
        @Override
        Becomes play(Stage stage) {
            stage.given("state", "open");
            stage.given("account", "100");
            Tx writer = stage.begin();
            boolean open = writer.get("state").equals("open");
            Tx closing = stage.begin();
            closing.put("state", "closed");
            closing.delete("account");
            closing.mustCommit();
            writer.put("account", "200");
            boolean committed = writer.commit();
            return became(open && stage.value("account").equals("200"), committed);
        }
    },

    /**
     * A withdrawal that is charged because it did not see a deposit, and a statement that shows the deposit without the
     * withdrawal: two of the three are in order, and only who reads makes it an anomaly.
     *
     * @see <a href="https://doi.org/10.1145/1031570.1031573">A Read-Only Transaction Anomaly Under Snapshot Isolation</a>
     */
    READ_ONLY_TRANSACTION(Becomes.CONFLICT, Becomes.POSSIBLE, Becomes.POSSIBLE) {
        @Override
        Becomes play(Stage stage) {
            stage.given("checking", "0");
            stage.given("savings", "0");
            Tx withdrawal = stage.begin();
            String seen = withdrawal.get("checking") + " " + withdrawal.get("savings");
            Tx deposit = stage.begin();
            deposit.put("savings", String.valueOf(Integer.parseInt(deposit.get("savings")) + 20));
            deposit.mustCommit();
            Tx statement = stage.begin();
            String shown = statement.get("checking") + " " + statement.get("savings");
            statement.mustCommit();
            withdrawal.put("checking", seen.equals("0 0") ? "-11" : "-10");
            boolean committed = withdrawal.commit();
            return became(shown.equals("0 20") && stage.value("checking").equals("-11"), committed);
        }
    };

    /** What becomes of an anomaly's schedule. */
    enum Becomes {
        /** All commit, and a serial order of them explains what there is and was seen. */
        INVISIBLE("prevented"),
        /** The last one to commit cannot. */
        CONFLICT("prevented: conflict"),
        /** All commit, and no serial order explains it. */
        POSSIBLE("possible");

        /** In the README's table. */
        final String text;

        Becomes(String text) {
            this.text = text;
        }
    }

    private final Becomes serializable;
    private final Becomes snapshot;
    private final Becomes readCommitted;

    Anomaly(Becomes serializable, Becomes snapshot, Becomes readCommitted) {
        this.serializable = serializable;
        this.snapshot = snapshot;
        this.readCommitted = readCommitted;
    }

    /** What the table says. */
    Becomes at(Isolation isolation) {
        return switch (isolation) {
            case SERIALIZABLE -> serializable;
            case SNAPSHOT -> snapshot;
            case READ_COMMITTED -> readCommitted;
        };
    }

    /** What happens. */
    abstract Becomes play(Stage stage);

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Its line of the README's table. */
    String row() {
        return "| " + title() + " | " + serializable.text + " | " + snapshot.text + " | " + readCommitted.text + " |";
    }

    private static Becomes became(boolean happened, boolean committed) {
        if (happened) {
            return Becomes.POSSIBLE;
        }
        return committed ? Becomes.INVISIBLE : Becomes.CONFLICT;
    }
}
