package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.link.LeaseCompare;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;

/** The same random questions to a transaction and to etcd itself: what the unit tests' etcd in memory claims is checked here. */
@WithEtcd
class LikeEtcdIT {

    private static final List<String> KEYS =
            List.of("/a", "/a/1", "/a/2", "/b", "/b/1", "/b/2", "/b/3", "/c", "/c/1", "/d");
    private static final List<String> BOUNDS = List.of("/", "/a", "/a/", "/b", "/b/2", "/c", "/c/9", "/e", "\0");

    private final EtcdLinkConfig config;
    /** Two, and 0 for none. */
    private final List<Long> leases = new ArrayList<>(List.of(0L));

    LikeEtcdIT(EtcdServer etcd) {
        this.config = EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build();
    }

    /** Nobody else writes, so the commit takes effect at R0 + 1, and etcd must then show what the view showed before. */
    @Test
    void theViewBeforeTheCommitIsWhatEtcdShowsAfterIt() {
        SharedEngine engine =
                SharedEngine.acquire(config, new TxSettings("/r/", TxSettings.DEFAULT_MAX_TXN_OPS, "node-1"));
        try (EtcdLink link = EtcdLink.open(config)) {
            KvProtocol raw = new FilteredKv(link.kvProtocol(), new ReservedKeys("/r/"));
            // its slot is there before, at a revision of its own
            engine.slots().giveBack(engine.slots().take(link.kvProtocol()), raw);
            grantLeases(link);
            for (long seed = 0; seed < 25; seed++) {
                Random random = new Random(seed);
                Workspace workspace = workspace(raw);
                for (int i = 0; i < 8; i++) {
                    write(workspace, random);
                }
                List<RangeRequest> questions = new ArrayList<>();
                List<RangeResponse> answers = new ArrayList<>();
                long revision = Await.answer(raw.range(range(random, 0).build()))
                        .getHeader()
                        .getRevision();
                for (int i = 0; i < 40; i++) {
                    RangeRequest question = range(random, revision).build();
                    questions.add(question);
                    answers.add(Await.answer(workspace.range(question)));
                }
                CommitProtocol.commit(engine, link.kvProtocol(), workspace.seal(), null);
                for (int i = 0; i < questions.size(); i++) {
                    assertThat(bare(answers.get(i)))
                            .as("seed " + seed + ": " + questions.get(i))
                            .isEqualTo(bare(Await.answer(raw.range(questions.get(i)))));
                }
            }
        } finally {
            engine.release();
        }
    }

    @Test
    void txnsAreAnsweredAndRefusedAsByEtcd() {
        try (EtcdLink link = EtcdLink.open(config)) {
            KvProtocol raw = link.kvProtocol();
            grantLeases(link);
            int refused = 0;
            for (long seed = 0; seed < 300; seed++) {
                Random random = new Random(seed);
                Workspace workspace = workspace(raw);
                TxnRequest txn = txn(random, 2);
                String mine = outcome(workspace, txn);
                String etcds = outcome(raw, txn);
                assertThat(mine).as("seed " + seed + ": " + txn).isEqualTo(etcds);
                refused += mine.startsWith("etcdserver") ? 1 : 0;
            }
            assertThat(refused).isBetween(20, 280);
        }
    }

    private void grantLeases(EtcdLink link) {
        for (int i = 0; i < 2; i++) {
            leases.add(Await.answer(link.client().getLeaseClient().grant(3_600)).getID());
        }
    }

    /** The answer without headers, or etcd's words for the refusal. */
    private static String outcome(KvProtocol kv, TxnRequest txn) {
        try {
            return Await.answer(kv.txn(txn)).toString().replaceAll("header \\{[^}]*}\\s*", "");
        } catch (EtcdException e) {
            for (String known : List.of("duplicate key given in txn request", "key not found")) {
                if (String.valueOf(e.getMessage()).contains(known)) {
                    return "etcdserver: " + known;
                }
            }
            throw e;
        }
    }

    private static Workspace workspace(KvProtocol raw) {
        return new Workspace(raw, new ReservedKeys("/r/"), Limits.local(128), Deadline.NEVER);
    }

    private void write(Workspace workspace, Random random) {
        if (random.nextInt(3) > 0) {
            Await.answer(workspace.put(put(random).build()));
        } else {
            DeleteRangeResponse deleted =
                    Await.answer(workspace.deleteRange(delete(random).build()));
            assertThat(deleted.getDeleted()).isNotNegative();
        }
    }

    private static RangeRequest.Builder range(Random random, long revision) {
        RangeRequest.Builder range = RangeRequest.newBuilder()
                .setKey(one(random, BOUNDS))
                .setLimit(random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0)
                .setSortOrderValue(random.nextInt(3))
                .setKeysOnly(random.nextInt(5) == 0)
                .setCountOnly(random.nextInt(8) == 0);
        // only targets without ties: etcd's sort is not stable
        if (random.nextInt(3) == 0) {
            range.setSortTarget(RangeRequest.SortTarget.VALUE);
        }
        if (random.nextInt(4) == 0 && revision > 0) {
            range.setMinModRevision(random.nextInt((int) revision + 2));
        }
        if (random.nextInt(4) == 0 && revision > 0) {
            range.setMaxCreateRevision(random.nextInt((int) revision + 2));
        }
        return random.nextInt(4) == 0 ? range : range.setRangeEnd(one(random, BOUNDS));
    }

    private PutRequest.Builder put(Random random) {
        // values differ, see above
        return PutRequest.newBuilder()
                .setKey(one(random, KEYS))
                .setValue(ByteString.copyFromUtf8(Long.toHexString(random.nextLong())))
                .setLease(leases.get(random.nextInt(leases.size())))
                .setPrevKv(random.nextInt(3) == 0);
    }

    private PutRequest.Builder keepingPut(Random random) {
        PutRequest.Builder put = put(random);
        return switch (random.nextInt(6)) {
            case 0 -> put.clearValue().setIgnoreValue(true);
            case 1 -> put.clearLease().setIgnoreLease(true);
            case 2 -> put.clearValue().setIgnoreValue(true).clearLease().setIgnoreLease(true);
            default -> put;
        };
    }

    private static DeleteRangeRequest.Builder delete(Random random) {
        DeleteRangeRequest.Builder delete =
                DeleteRangeRequest.newBuilder().setKey(one(random, KEYS)).setPrevKv(random.nextBoolean());
        return random.nextBoolean() ? delete : delete.setRangeEnd(one(random, BOUNDS.subList(1, 8)));
    }

    private TxnRequest txn(Random random, int depth) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addCompare(compare(random));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addSuccess(operation(random, depth));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            txn.addFailure(operation(random, depth));
        }
        return txn.build();
    }

    private RequestOp operation(Random random, int depth) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        return switch (random.nextInt(depth > 0 ? 4 : 3)) {
            case 0 -> operation.setRequestRange(range(random, 0)).build();
            case 1 -> operation.setRequestPut(keepingPut(random)).build();
            case 2 -> operation.setRequestDeleteRange(delete(random)).build();
            default -> operation.setRequestTxn(txn(random, depth - 1)).build();
        };
    }

    private Compare compare(Random random) {
        Compare.Builder compare = Compare.newBuilder()
                .setKey(one(random, KEYS))
                .setResultValue(random.nextInt(4))
                .setTargetValue(random.nextInt(5));
        switch (compare.getTarget()) {
            case VERSION -> compare.setVersion(random.nextInt(3));
            case CREATE -> compare.setCreateRevision(random.nextInt(20));
            case MOD -> compare.setModRevision(random.nextInt(20));
            case VALUE -> compare.setValue(ByteString.copyFromUtf8("8"));
            case UNRECOGNIZED -> LeaseCompare.set(compare, leases.get(random.nextInt(leases.size())));
        }
        return random.nextInt(3) == 0 ? compare.setRangeEnd(one(random, BOUNDS)).build() : compare.build();
    }

    private static ByteString one(Random random, List<String> of) {
        return ByteString.copyFromUtf8(of.get(random.nextInt(of.size())));
    }

    private static RangeResponse bare(RangeResponse answer) {
        return answer.toBuilder().clearHeader().build();
    }
}
