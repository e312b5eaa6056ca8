package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.HeuristicRecord.Outcome;
import org.etcdjakarta.core.tx.PreparedBranches.Completion;

/**
 * For operators: the branches of a cluster that are prepared and not completed, of all nodes, and how to end one that its
 * transaction manager never will. What an operator does is recorded as a heuristic outcome; when the transaction manager comes
 * back it hears of it ({@code XA_HEURCOM}, {@code XA_HEURRB}) and forgets the branch.
 *
 * <p>All methods block, each for at most the link's request timeout a call, and join no transaction.
 */
public final class TransactionAdmin {

    private static final System.Logger LOG = System.getLogger(TransactionAdmin.class.getName());

    /** How far a branch has come. */
    public enum State {
        /** It holds its keys, and waits for its transaction manager. */
        PREPARED,
        /** An operator has committed it; kept until it is forgotten. */
        HEURISTICALLY_COMMITTED,
        /** An operator has rolled it back; kept until it is forgotten. */
        HEURISTICALLY_ROLLED_BACK
    }

    /**
     * A branch in doubt.
     *
     * @param xid as in etcd's keys: format, global transaction id and branch qualifier in hexadecimal, joined by dots
     * @param state how far it has come
     * @param since when it was prepared, or ended by an operator, by the clock of the node that did
     * @param age since then, by the clock of this process; zero when the clocks disagree
     * @param node that prepared it, by its transaction manager's node identifier; "?" when the record is of a newer version
     * @param link of the process that prepared it
     * @param ownerAlive whether this process lives and is connected; then it will complete the branch itself
     * @param keys that its commit writes, those that are no text in hexadecimal; empty once it has ended
     */
    public record InDoubtBranch(
            String xid,
            State state,
            Instant since,
            Duration age,
            String node,
            String link,
            boolean ownerAlive,
            List<String> keys) {}

    /**
     * What is in doubt now, and what has happened in this process.
     *
     * @param inDoubt branches in etcd that are prepared, of all nodes
     * @param oldest age of the oldest one of them; empty when there is none
     * @param conflicts transactions and writes refused since the engine was opened, because of what others had done or held
     * @param fences lost answers that were found out to be of commits and prepares which never will be applied
     * @param retries commits and writes that were sent again since branches had been prepared meanwhile
     */
    public record Metrics(long inDoubt, Optional<Duration> oldest, long conflicts, long fences, long retries) {}

    private final SharedEngine engine;

    TransactionAdmin(SharedEngine engine) {
        this.engine = engine;
    }

    /**
     * Returns all branches in doubt, as of one revision, the oldest first.
     *
     * @throws EtcdException etcd does not answer
     */
    public List<InDoubtBranch> list() {
        return engine.withKv(kv -> {
            RecoveryScan scan = RecoveryScan.of(kv, engine);
            List<InDoubtBranch> branches = new ArrayList<>();
            scan.prepared().forEach((xid, intents) -> branches.add(prepared(xid, intents, scan)));
            scan.heuristic().forEach((xid, found) -> found.ifPresent(record -> branches.add(ended(xid, record))));
            branches.sort(Comparator.comparing(InDoubtBranch::since));
            return List.copyOf(branches);
        });
    }

    private InDoubtBranch prepared(BranchXid xid, Intents intents, RecoveryScan scan) {
        Instant since = Instant.ofEpochMilli(intents.createdMillis());
        return new InDoubtBranch(
                xid.text(),
                State.PREPARED,
                since,
                age(since),
                intents.node(),
                intents.link(),
                scan.alive().contains(intents.link()),
                intents.written().keys().stream().map(TransactionAdmin::text).toList());
    }

    private InDoubtBranch ended(BranchXid xid, HeuristicRecord record) {
        return new InDoubtBranch(
                xid.text(),
                record.outcome() == Outcome.COMMITTED ? State.HEURISTICALLY_COMMITTED : State.HEURISTICALLY_ROLLED_BACK,
                record.time(),
                age(record.time()),
                record.node(),
                "",
                false,
                List.of());
    }

    private Duration age(Instant since) {
        Duration age =
                Duration.between(since, Instant.ofEpochMilli(engine.pace().millis()));
        return age.isNegative() ? Duration.ZERO : age;
    }

    private static String text(ByteString key) {
        String text = TxErrors.text(key);
        return text.startsWith("'") ? text.substring(1, text.length() - 1) : text;
    }

    /**
     * Applies what the branch has prepared and records it, in one Txn.
     *
     * @param xid as listed
     * @throws EtcdException there is no such branch, its record is of a newer version, or etcd does not answer; the effect says
     *     whether it may have been committed all the same
     */
    public void commit(String xid) {
        resolve(xid, Outcome.COMMITTED);
    }

    /**
     * Drops what the branch has prepared and records it, in one Txn.
     *
     * @param xid as listed
     * @throws EtcdException as of {@link #commit}
     */
    public void rollback(String xid) {
        resolve(xid, Outcome.ROLLED_BACK);
    }

    private void resolve(String xid, Outcome outcome) {
        BranchXid id = parsed(xid);
        Completion completion = engine.withKv(kv -> {
            PreparedBranches records = new PreparedBranches(kv, engine);
            PreparedBranches.Found found = records.find(id);
            KeyValue there = found.record();
            if (there == null) {
                return found.heuristic() == null ? Completion.UNKNOWN : found.heuristic();
            }
            String node = PrepareRecord.decode(there.getValue()).node();
            return records.resolve(id, PreparedBranches.prepared(there), outcome, node);
        });
        // Also when this call's own answer was lost and a second try found it done.
        boolean same = completion
                == (outcome == Outcome.COMMITTED
                        ? Completion.HEURISTICALLY_COMMITTED
                        : Completion.HEURISTICALLY_ROLLED_BACK);
        if (completion != Completion.DONE && !same) {
            throw BranchErrors.notPrepared(xid, completion, engine.endpoint());
        }
        LOG.log(
                Level.WARNING,
                "ETCD-00244: an operator has "
                        + (outcome == Outcome.COMMITTED ? "committed" : "rolled back")
                        + " the prepared branch " + xid + " (" + engine.endpoint()
                        + "); its transaction manager may have decided otherwise");
    }

    /**
     * Deletes the record of a heuristic outcome. The transaction manager does so itself when it comes back; if it does so after
     * this call, the branch is unknown to it.
     *
     * @param xid as listed
     * @throws EtcdException there is no such record, or etcd does not answer
     */
    public void forget(String xid) {
        BranchXid id = parsed(xid);
        boolean forgotten = engine.withKv(kv -> new PreparedBranches(kv, engine).forget(id));
        if (!forgotten) {
            throw BranchErrors.nothingToForget(xid, engine.endpoint());
        }
    }

    /**
     * Counts what is in doubt, which asks etcd, and tells what has happened.
     *
     * @throws EtcdException etcd does not answer
     */
    public Metrics metrics() {
        RecoveryScan scan = engine.withKv((KvProtocol kv) -> RecoveryScan.of(kv, engine));
        Optional<Duration> oldest = scan.prepared().values().stream()
                .map(intents -> age(Instant.ofEpochMilli(intents.createdMillis())))
                .max(Duration::compareTo);
        TxMetrics metrics = engine.metrics();
        return new Metrics(scan.prepared().size(), oldest, metrics.conflicts(), metrics.fences(), metrics.retries());
    }

    private static BranchXid parsed(String xid) {
        BranchXid id = BranchXid.parse(xid);
        if (id == null) {
            throw new IllegalArgumentException("xid '" + xid
                    + "' is not allowed: it is three hexadecimal numbers joined by dots, as list() shows it");
        }
        return id;
    }
}
