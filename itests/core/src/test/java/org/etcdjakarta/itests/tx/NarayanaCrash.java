package org.etcdjakarta.itests.tx;

import jakarta.transaction.TransactionManager;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;

/** A process with Narayana and two etcds in it that ends, without any more words, in the middle of a commit. */
final class NarayanaCrash {

    enum Moment {
        /** All have prepared; the transaction manager has written nothing. */
        UNDECIDED,
        /** The decision is in its log; nobody has committed. */
        DECIDED
    }

    static final int HALTED = 97;

    private NarayanaCrash() {}

    static Process start(Moment moment, String first, String second, Path store, Path journal) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NarayanaCrash.class.getName(),
                        moment.name(),
                        first,
                        second,
                        store.toString(),
                        journal.toString()))
                .inheritIO()
                .start();
    }

    public static void main(String[] arguments) throws Exception {
        TransactionManager manager = Narayana.start(Path.of(arguments[3]));
        TxEngine first = Etcds.engine(arguments[1], Duration.ofSeconds(10));
        TxEngine second = Etcds.engine(arguments[2], Duration.ofSeconds(10));
        JournalResource journal = new JournalResource(Path.of(arguments[4]));
        manager.begin();
        if (Moment.valueOf(arguments[0]) == Moment.UNDECIDED) {
            write(manager, first);
            write(manager, second);
            // the last to prepare
            manager.getTransaction().enlistResource(journal.atPrepare(NarayanaCrash::halt));
        } else {
            // the first to commit
            manager.getTransaction().enlistResource(journal.atCommit(NarayanaCrash::halt));
            write(manager, first);
            write(manager, second);
        }
        manager.commit();
        throw new IllegalStateException("still there");
    }

    private static void write(TransactionManager manager, TxEngine engine) throws Exception {
        TxSession session = engine.newSession();
        manager.getTransaction().enlistResource(session.xaResource());
        Etcds.put(session, "/k/written", "by the child");
    }

    private static void halt() {
        Runtime.getRuntime().halt(HALTED);
    }
}
