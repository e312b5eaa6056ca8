package org.etcdjakarta.itests.tx;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * A resource manager of another kind, which writes what it does with each branch into a file that outlives its process. A test
 * says what is to happen in the middle of its prepare and commit.
 */
final class JournalResource implements XAResource {

    interface Step {
        void run() throws XAException;
    }

    private static final Step NOTHING = () -> {};

    private final Path journal;
    private Step atPrepare = NOTHING;
    private Step atCommit = NOTHING;

    JournalResource(Path journal) {
        this.journal = journal;
    }

    /** After it has prepared, before the transaction manager hears of it. */
    JournalResource atPrepare(Step step) {
        atPrepare = step;
        return this;
    }

    /** Before it commits. */
    JournalResource atCommit(Step step) {
        atCommit = step;
        return this;
    }

    /** What has become of its branches, in their order: "prepared", "committed", "rolled-back", "forgotten". */
    List<String> states() {
        return List.copyOf(branches().values());
    }

    private Map<String, String> branches() {
        Map<String, String> branches = new LinkedHashMap<>();
        try {
            for (String line : Files.exists(journal) ? Files.readAllLines(journal) : List.<String>of()) {
                String[] words = line.split(" ", 2);
                branches.put(words[0], words[1]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return branches;
    }

    private static String name(Xid xid) {
        HexFormat hex = HexFormat.of();
        return xid.getFormatId() + "." + hex.formatHex(xid.getGlobalTransactionId()) + "."
                + hex.formatHex(xid.getBranchQualifier());
    }

    private void write(Xid xid, String state) {
        String line = name(xid) + " " + state + "\n";
        try {
            Files.writeString(journal, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void start(Xid xid, int flags) {}

    @Override
    public void end(Xid xid, int flags) {}

    @Override
    public int prepare(Xid xid) throws XAException {
        write(xid, "prepared");
        atPrepare.run();
        return XA_OK;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        atCommit.run();
        write(xid, "committed");
    }

    /** What is committed is not known any more: recovery may have seen it before, and takes it for an orphan now. */
    @Override
    public void rollback(Xid xid) throws XAException {
        if ("committed".equals(branches().get(name(xid)))) {
            throw new XAException(XAException.XAER_NOTA);
        }
        write(xid, "rolled-back");
    }

    @Override
    public void forget(Xid xid) {
        write(xid, "forgotten");
    }

    @Override
    public Xid[] recover(int flags) {
        List<Xid> prepared = new ArrayList<>();
        if ((flags & TMSTARTRSCAN) != 0) {
            branches().forEach((branch, state) -> {
                if (state.equals("prepared")) {
                    String[] parts = branch.split("\\.", -1);
                    HexFormat hex = HexFormat.of();
                    prepared.add(new TestXid(
                            Integer.parseInt(parts[0]),
                            ByteString.copyFrom(hex.parseHex(parts[1])),
                            ByteString.copyFrom(hex.parseHex(parts[2]))));
                }
            });
        }
        return prepared.toArray(new Xid[0]);
    }

    @Override
    public boolean isSameRM(@Nullable XAResource other) {
        return this == other;
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
