package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.etcdjakarta.core.tx.Requests.bytes;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.core.tx.Frame.Extent;
import org.junit.jupiter.api.Test;

class TxnComposerTest {

    private static final TxnComposer COMPOSER = new TxnComposer(128);
    private static final List<Frame> FRAMES = List.of(Frames.ONE_PHASE, Frames.PREPARE, Frames.COMPLETION);

    // ---- arithmetics ----

    /** As etcd's server/etcdserver/api/v3rpc/key.go, checkTxnRequest. */
    private static void assertWithin(TxnRequest txn, int allowed) {
        int width = Math.max(txn.getCompareCount(), Math.max(txn.getSuccessCount(), txn.getFailureCount()));
        assertThat(width).isLessThanOrEqualTo(allowed);
        for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
            for (RequestOp operation : branch) {
                if (operation.hasRequestTxn()) {
                    assertWithin(operation.getRequestTxn(), allowed - width);
                }
            }
        }
    }

    /** What a Txn puts or deletes in either branch. */
    private static List<ByteString> written(TxnRequest txn) {
        List<ByteString> keys = new ArrayList<>();
        for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
            for (RequestOp operation : branch) {
                if (operation.hasRequestPut()) {
                    keys.add(operation.getRequestPut().getKey());
                } else if (operation.hasRequestDeleteRange()) {
                    keys.add(operation.getRequestDeleteRange().getKey());
                } else if (operation.hasRequestTxn()) {
                    keys.addAll(written(operation.getRequestTxn()));
                }
            }
        }
        return keys;
    }

    private static int compares(TxnRequest txn) {
        return txn.getCompareCount()
                + txn.getSuccessList().stream()
                        .filter(RequestOp::hasRequestTxn)
                        .mapToInt(nested -> compares(nested.getRequestTxn()))
                        .sum();
    }

    @Test
    void everythingIsInTheTxnOnceAndEveryLevelWithinTheLimit() {
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            int maxTxnOps = 4 + random.nextInt(i % 2 == 0 ? 16 : 140);
            int most = maxTxnOps * maxTxnOps / 4;
            int fences = random.nextInt(3);
            int guards = random.nextInt(1 + random.nextInt(most));
            int writes = random.nextInt(1 + random.nextInt(most));
            Frame frame = FRAMES.get(random.nextInt(3));
            Writes how = random.nextBoolean() ? Writes.APPLIED : Writes.NAMED;
            String where = "maxTxnOps " + maxTxnOps + " fences " + fences + " guards " + guards + " writes " + writes
                    + " frame " + frame.extent() + " " + how;
            TxnRequest txn;
            try {
                txn = new TxnComposer(maxTxnOps).compose(frame, guards(fences, guards), 5, puts(writes), how);
            } catch (EtcdLimitException e) {
                refused++;
                continue;
            }
            assertWithin(txn, maxTxnOps);
            assertThat(compares(txn)).as(where).isEqualTo(frame.compares().size() + fences + guards);
            List<ByteString> written = written(txn);
            assertThat(written)
                    .as(where)
                    .hasSize(writes + written(frameOnly(frame)).size());
            assertThat(new HashSet<>(written)).as(where).hasSameSizeAs(written);
            assertThat(txn.getSuccessList().subList(0, frame.success().size()))
                    .as(where)
                    .isEqualTo(frame.success());
            assertThat(txn.getFailureList().subList(0, frame.failure().size()))
                    .as(where)
                    .isEqualTo(frame.failure());
        }
        assertThat(refused).isBetween(50, 500);
    }

    private static TxnRequest frameOnly(Frame frame) {
        return COMPOSER.compose(frame, new Guards(), 0, List.of(), Writes.APPLIED);
    }

    /** Every layout there could be is tried, not only those in the order of the search. */
    @Test
    void nothingThatFitsIsRefused() {
        for (int maxTxnOps = 3; maxTxnOps < 14; maxTxnOps++) {
            for (Frame frame : FRAMES) {
                for (int guards = 0; guards < 50; guards++) {
                    for (int writes = 1; writes < 50; writes++) {
                        assertThat(TxnShape.of(maxTxnOps, frame.extent(), 0, guards, writes) != null)
                                .as(maxTxnOps + " " + frame.extent() + " " + guards + " " + writes)
                                .isEqualTo(fits(maxTxnOps, frame.extent(), guards, writes));
                    }
                }
            }
        }
    }

    private static boolean fits(int maxTxnOps, Extent frame, int guards, int writes) {
        for (int guardsOutside : new int[] {0, guards}) {
            for (int writesOutside : new int[] {0, writes}) {
                for (int groups = 0; groups <= maxTxnOps; groups++) {
                    int width = maxTxnOps
                            - Math.max(
                                    Math.max(frame.compares(), frame.failure()) + guardsOutside,
                                    frame.success() + writesOutside + groups);
                    int nested = Math.max(guards - guardsOutside, writes - writesOutside);
                    if (width >= 0 && groups * width >= nested) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    @Test
    void guardsAndWritesStayOutsideAsLongAsTheyFit() {
        Extent frame = Frames.ONE_PHASE.extent();
        assertThat(TxnShape.of(128, frame, 0, 126, 127)).isEqualTo(new TxnShape(true, true, 0, 0));
        assertThat(TxnShape.of(128, frame, 1, 125, 127)).isEqualTo(new TxnShape(true, true, 0, 0));
        assertThat(TxnShape.of(128, frame, 0, 127, 127)).isEqualTo(new TxnShape(false, false, 2, 125));
        assertThat(TxnShape.of(128, frame, 1, 126, 127)).isEqualTo(new TxnShape(false, false, 2, 125));
        assertThat(TxnShape.of(128, frame, 0, 126, 128)).isEqualTo(new TxnShape(false, false, 2, 125));
        assertThat(TxnShape.of(128, frame, 0, 100, 128)).isEqualTo(new TxnShape(true, false, 5, 26));
        assertThat(TxnShape.of(128, frame, 0, 127, 100)).isEqualTo(new TxnShape(false, true, 7, 20));
        assertThat(TxnShape.of(128, Frames.PREPARE.extent(), 0, 126, 124)).isEqualTo(new TxnShape(true, true, 0, 0));
        assertThat(TxnShape.of(128, Frames.PREPARE.extent(), 0, 127, 10)).isEqualTo(new TxnShape(false, true, 2, 112));
    }

    @Test
    void asManyFitAsPromised() {
        assertThat(TxnShape.of(128, Frames.ONE_PHASE.extent(), 0, 4032, 4032))
                .isEqualTo(new TxnShape(false, false, 63, 64));
        assertThat(TxnShape.of(128, Frames.PREPARE.extent(), 0, 3844, 3844))
                .isEqualTo(new TxnShape(false, false, 62, 62));
        assertThat(TxnShape.of(128, Frames.COMPLETION.extent(), 0, 0, 3969))
                .isEqualTo(new TxnShape(true, false, 63, 63));
    }

    @Test
    void aBranchOfALargerServerIsRefusedWithTheProperty() {
        assertThatThrownBy(() -> COMPOSER.compose(Frames.COMPLETION, new Guards(), 0, puts(3970), Writes.APPLIED))
                .isInstanceOf(EtcdLimitException.class)
                .hasMessageContaining("3970 writes")
                .hasMessageContaining("maxTxnOps is 128");
    }

    // ---- effects ----

    @Test
    void theEffectIsThatOfTheWritesOneByOneAtOneRevision() {
        Random random = new Random(11);
        for (int i = 0; i < 60; i++) {
            DirectEtcd etcd = new DirectEtcd();
            Guards guards = read(etcd, random.nextInt(40), random.nextInt(random.nextBoolean() ? 60 : 300));
            List<RequestOp> writes = writes(random, etcd, random.nextInt(random.nextBoolean() ? 130 : 700));
            DirectEtcd oneByOne = etcd.fork();
            TxnResponse answer = commit(etcd, Frames.ONE_PHASE, guards, writes, Writes.APPLIED);
            assertThat(answer.getSucceeded()).isTrue();
            long revision = answer.getHeader().getRevision();
            assertThat(revision).isEqualTo(oneByOne.revision() + 1);
            commit(oneByOne, Frames.ONE_PHASE, new Guards(), List.of(), Writes.APPLIED);
            writes.forEach(write -> Requests.done(
                    oneByOne.txn(TxnRequest.newBuilder().addSuccess(write).build())));
            assertThat(values(etcd)).isEqualTo(values(oneByOne));
            for (RequestOp write : writes) {
                KeyValue now = etcd.store().get(write.getRequestPut().getKey());
                assertThat(now == null ? revision : now.getModRevision()).isEqualTo(revision);
            }
        }
    }

    @Test
    void namingAppliesNothingButTheFrame() {
        for (int size : new int[] {1, 100, 124, 125, 1000}) {
            DirectEtcd etcd = new DirectEtcd();
            Guards guards = read(etcd, size / 2, size);
            List<RequestOp> writes = writes(new Random(size), etcd, size);
            Map<ByteString, ByteString> before = values(etcd);
            assertThat(commit(etcd, Frames.PREPARE, guards, writes, Writes.NAMED)
                            .getSucceeded())
                    .isTrue();
            Map<ByteString, ByteString> after = values(etcd);
            assertThat(after.keySet()
                            .removeAll(
                                    List.of(bytes(Frames.SLOT), bytes(Frames.RECORD), bytes(Frames.INTENTS + "xid"))))
                    .isTrue();
            assertThat(after).as("of " + size).isEqualTo(before);
            assertThat(commit(etcd, Frames.COMPLETION, new Guards(), writes, Writes.APPLIED)
                            .getSucceeded())
                    .isTrue();
            assertThat(values(etcd)).doesNotContainKey(bytes(Frames.RECORD)).isNotEqualTo(before);
        }
    }

    @Test
    void aNameIsADeleteOfNothing() {
        DirectEtcd etcd = new DirectEtcd();
        etcd.put("k", "v");
        Map<ByteString, KeyValue> before = etcd.store();
        for (Write write : List.of(new Write.Put(bytes("large"), 7), new Write.Delete())) {
            RequestOp name = TxnComposer.name(Changes.operation(bytes("k"), write));
            TxnResponse answer = Requests.done(
                    etcd.txn(TxnRequest.newBuilder().addSuccess(name).build()));
            assertThat(answer.getResponses(0).getResponseDeleteRange().getDeleted())
                    .isZero();
        }
        assertThat(etcd.store()).isEqualTo(before);
    }

    // ---- conflicts ----

    @Test
    void aBrokenGuardAtAnyPositionAppliesNothing() {
        for (int size : new int[] {3, 40, 200}) {
            DirectEtcd etcd = new DirectEtcd();
            Guards guards = read(etcd, size / 2, size);
            List<RequestOp> writes = writes(new Random(size), etcd, 2 * size);
            for (String key : readKeys(size)) {
                DirectEtcd other = etcd.fork();
                if (key.hashCode() % 3 == 0 && other.keys().contains(key)) {
                    other.delete(key);
                } else {
                    other.put(key, "by somebody else");
                }
                for (Frame frame : List.of(Frames.ONE_PHASE, Frames.PREPARE)) {
                    assertConflict(other, frame, guards, writes, key);
                }
            }
        }
    }

    @Test
    void aKeyThatComesIntoARangeAppliesNothing() {
        for (int size : new int[] {10, 300}) {
            DirectEtcd etcd = new DirectEtcd();
            etcd.put("/g/0/a", "read");
            Guards guards = new Guards();
            for (int i = 0; i < size; i++) {
                guards.range(new KeyRange(bytes("/g/" + i + "/"), bytes("/g/" + i + "0")));
            }
            List<RequestOp> writes = puts(size);
            long r0 = etcd.revision();
            for (int i = 0; i < size; i += 7) {
                DirectEtcd other = etcd.fork();
                other.put("/g/" + i + "/new", "by somebody else");
                assertConflict(other, Frames.ONE_PHASE, guards, r0, writes, "/g/" + i + "/new");
            }
            assertThat(Requests.done(etcd.txn(COMPOSER.compose(Frames.ONE_PHASE, guards, r0, writes, Writes.APPLIED)))
                            .getSucceeded())
                    .isTrue();
        }
    }

    private static void assertConflict(
            DirectEtcd etcd, Frame frame, Guards guards, List<RequestOp> writes, String broken) {
        assertConflict(etcd, frame, guards, R0, writes, broken);
    }

    private static void assertConflict(
            DirectEtcd etcd, Frame frame, Guards guards, long r0, List<RequestOp> writes, String broken) {
        Map<ByteString, KeyValue> before = etcd.store();
        Writes how = frame.equals(Frames.PREPARE) ? Writes.NAMED : Writes.APPLIED;
        TxnRequest txn = COMPOSER.compose(frame, guards, r0, writes, how);
        if (txn.getCompareCount() == frame.compares().size() + guards.fences()) {
            assertThat(TxnComposer.isGuardConflict(
                            catchThrowableOfType(EtcdException.class, () -> Requests.done(etcd.txn(txn)))))
                    .as(broken)
                    .isTrue();
        } else {
            TxnResponse answer = Requests.done(etcd.txn(txn));
            assertThat(answer.getSucceeded()).isFalse();
            assertThat(COMPOSER.broken(frame, guards, answer)).isEqualTo(bytes(broken));
        }
        assertThat(etcd.store()).isEqualTo(before);
    }

    /** Which is told first, and by an answer, also when guards are broken too. */
    @Test
    void theLostLockIsToldApartFromAConflictInEveryForm() {
        for (int size : new int[] {10, 100, 1000}) {
            DirectEtcd etcd = new DirectEtcd();
            Guards guards = read(etcd, 0, size);
            etcd.put("/lock/1", "held");
            etcd.put("/lock/2", "held");
            guards.fence(bytes("/lock/1"), etcd.kv("/lock/1").getCreateRevision());
            guards.fence(bytes("/lock/2"), etcd.kv("/lock/2").getCreateRevision());
            List<RequestOp> writes = writes(new Random(size), etcd, size);
            assertThat(commit(etcd.fork(), Frames.PREPARE, guards, writes, Writes.NAMED)
                            .getSucceeded())
                    .isTrue();
            etcd.delete("/lock/2");
            etcd.put("/lock/2", "by the next one");
            etcd.put("/g/0", "by somebody else");
            for (Frame frame : List.of(Frames.ONE_PHASE, Frames.PREPARE)) {
                TxnResponse answer = commit(etcd, frame, guards, writes, Writes.APPLIED);
                assertThat(answer.getSucceeded()).isFalse();
                assertThat(COMPOSER.broken(frame, guards, answer)).isEqualTo(bytes("/lock/2"));
            }
        }
    }

    @Test
    void theFramesAnswersAreAtTheSamePlacesInEveryForm() {
        for (int size : new int[] {0, 10, 100, 1000}) {
            DirectEtcd etcd = new DirectEtcd();
            Guards guards = read(etcd, size / 2, size);
            List<RequestOp> writes = writes(new Random(size), etcd, size);
            assertThat(commit(etcd, Frames.PREPARE, guards, writes, Writes.NAMED)
                            .getSucceeded())
                    .isTrue();
            TxnResponse answer = commit(etcd, Frames.PREPARE, guards, writes, Writes.NAMED);
            assertThat(answer.getSucceeded()).isFalse();
            assertThat(answer.getResponses(0).getResponseRange().getKvs(0).getKey())
                    .isEqualTo(bytes(Frames.SLOT));
            assertThat(answer.getResponses(1).getResponseRange().getKvs(0).getKey())
                    .isEqualTo(bytes(Frames.RECORD));
            assertThat(COMPOSER.broken(Frames.PREPARE, guards, answer)).isNull();
        }
    }

    // ---- what they are made of ----

    private static final long R0 = 10_000;

    private static TxnResponse commit(DirectEtcd etcd, Frame frame, Guards guards, List<RequestOp> writes, Writes how) {
        return Requests.done(etcd.txn(COMPOSER.compose(frame, guards, R0, writes, how)));
    }

    private static Guards guards(int fences, int count) {
        Guards guards = new Guards();
        for (int i = 0; i < fences; i++) {
            guards.fence(bytes("/lock/" + i), 3);
        }
        for (int i = 0; i < count; i++) {
            switch (i % 3) {
                case 0 -> guards.key(bytes("/g/" + i), 2);
                case 1 -> guards.key(bytes("/g/" + i), 0);
                default -> guards.range(new KeyRange(bytes("/g/" + i + "/"), bytes("/g/" + i + "0")));
            }
        }
        return guards;
    }

    private static List<RequestOp> puts(int count) {
        List<RequestOp> puts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            puts.add(Changes.operation(bytes("/w/" + i), new Write.Put(bytes("v"), 0)));
        }
        return puts;
    }

    private static List<String> readKeys(int size) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            keys.add("/g/" + i);
        }
        return keys;
    }

    /** Reads of present and absent keys, each with a guard of its own; the revisions of keys and of R0 are real. */
    private static Guards read(DirectEtcd etcd, int present, int keys) {
        Guards guards = new Guards();
        for (int i = 0; i < keys; i++) {
            String key = "/g/" + i;
            if (i < present) {
                etcd.put(key, "read");
            }
            guards.key(bytes(key), i < present ? etcd.kv(key).getModRevision() : 0);
        }
        return guards;
    }

    /** Puts and deletes of keys that are there, that were read, and that are new. */
    private static List<RequestOp> writes(Random random, DirectEtcd etcd, int count) {
        Map<String, RequestOp> writes = new HashMap<>();
        etcd.put("/w/0", "before");
        etcd.put("/w/1", "before");
        for (int i = 0; i < count; i++) {
            String key = (random.nextInt(4) == 0 ? "/g/" : "/w/") + i;
            Write write = random.nextInt(3) == 0 ? new Write.Delete() : new Write.Put(bytes("new " + i), 0);
            writes.put(key, Changes.operation(bytes(key), write));
        }
        return List.copyOf(writes.values());
    }

    private static Map<ByteString, ByteString> values(DirectEtcd etcd) {
        Map<ByteString, ByteString> values = new TreeMap<>(KeyRange.ORDER);
        etcd.store().forEach((key, kv) -> values.put(key, kv.getValue()));
        return values;
    }
}
