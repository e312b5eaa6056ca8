package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.Compare.CompareResult;
import io.etcd.jetcd.api.Compare.CompareTarget;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** As much as fits into one Txn, at the default limits of a real etcd. */
@WithEtcd
class TxnSizeIT {

    private static final int GUARDS = 1500;
    private static final int WRITES = 2400;

    /** As wide as the protocol's, and of one key: it holds until that key is there. */
    private static final Frame ONE_PHASE = frame(2, 1, 2);

    private static final Frame PREPARE = frame(2, 4, 2);

    private final TxnComposer composer = new TxnComposer(TxSettings.DEFAULT_MAX_TXN_OPS);
    private final EtcdLink link;
    private final KvProtocol kv;

    TxnSizeIT(EtcdServer etcd) {
        this.link = EtcdLink.open(
                EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build());
        this.kv = link.kvProtocol();
    }

    @BeforeEach
    void clean() {
        Await.answer(kv.deleteRange(DeleteRangeRequest.newBuilder()
                .setKey(bytes("/"))
                .setRangeEnd(bytes("0"))
                .build()));
    }

    @AfterEach
    void close() {
        link.close();
    }

    @Test
    void guardsAndWritesByTheThousandAreOneRevision() {
        Guards guards = read(GUARDS);
        TxnResponse answer = send(ONE_PHASE, guards, puts(WRITES), Writes.APPLIED);
        assertThat(answer.getSucceeded()).isTrue();
        assertThat(written().getKvsList())
                .hasSize(WRITES)
                .extracting(KeyValue::getModRevision)
                .containsOnly(answer.getHeader().getRevision());
    }

    @Test
    void theyArePreparedByTheirNamesAndThenAppliedAtOneRevision() {
        Guards guards = read(GUARDS);
        List<RequestOp> writes = puts(WRITES);
        assertThat(send(PREPARE, guards, writes, Writes.NAMED).getSucceeded()).isTrue();
        assertThat(written().getCount()).isZero();
        put("/g/7", "by somebody else: a prepared branch has promised to commit");
        TxnResponse answer = send(frame(0, 2, 1), new Guards(), writes, Writes.APPLIED);
        assertThat(written().getKvsList())
                .hasSize(WRITES)
                .extracting(KeyValue::getModRevision)
                .containsOnly(answer.getHeader().getRevision());
    }

    @Test
    void oneBrokenGuardAppliesNothing() {
        List<RequestOp> writes = puts(WRITES);
        for (String key : List.of("/g/0", "/g/1", "/g/777", "/g/" + (GUARDS - 1))) {
            clean();
            Guards guards = read(GUARDS);
            put(key, "by somebody else");
            long revision = revision();
            for (Frame frame : List.of(ONE_PHASE, PREPARE)) {
                EtcdException conflict = catchThrowableOfType(
                        EtcdException.class,
                        () -> send(frame, guards, writes, frame.equals(PREPARE) ? Writes.NAMED : Writes.APPLIED));
                assertThat(TxnComposer.isGuardConflict(conflict)).as(key).isTrue();
                assertThat(conflict.effect()).isEqualTo(Effect.NOT_APPLIED);
            }
            assertThat(revision()).isEqualTo(revision);
        }
    }

    @Test
    void theFrameIsToldApartFromAConflict() {
        Guards guards = read(GUARDS);
        put("/frame/0", "of somebody else");
        put("/g/1", "of somebody else");
        TxnResponse answer = send(PREPARE, guards, puts(WRITES), Writes.NAMED);
        assertThat(answer.getSucceeded()).isFalse();
        assertThat(answer.getResponses(0).getResponseRange().getCount()).isEqualTo(1);
        assertThat(composer.broken(PREPARE, guards, answer)).isNull();
    }

    @Test
    void theLargestOfEachKindIsAcceptedAndOneMoreIsRefusedHere() {
        for (int guards : new int[] {0, 60, 126, 1500, 3000, 3844}) {
            for (Frame frame : List.of(ONE_PHASE, PREPARE)) {
                Writes how = frame.equals(PREPARE) ? Writes.NAMED : Writes.APPLIED;
                int most = 4096;
                while (TxnShape.of(128, frame.extent(), 0, guards, most) == null) {
                    most--;
                }
                clean();
                Guards reads = read(guards);
                assertThat(send(frame, reads, puts(most), how).getSucceeded())
                        .as(guards + " guards and " + most + " writes " + how)
                        .isTrue();
                List<RequestOp> tooMany = puts(most + 1);
                assertThatThrownBy(() -> send(frame, reads, tooMany, how)).isInstanceOf(EtcdLimitException.class);
            }
        }
    }

    /** Of all Txns of a branch, with records as large as they are assumed to be. */
    @Test
    void theLargestRequestIsAccepted() {
        Guards guards = read(GUARDS);
        WriteSet writes = new WriteSet();
        int size = 0;
        do {
            writes.keep();
            size += 10;
            Write large = new Write.Put(ByteString.copyFrom(new byte[size]), 0);
            IntStream.range(0, WRITES).forEach(i -> writes.put(bytes("/w/" + i), large));
        } while (Limits.branch(128).bytes(guards, writes) <= Limits.REQUEST_BYTES);
        writes.undo();
        List<RequestOp> operations = new Changes(1, guards, writes.all()).operations();
        long intents =
                RecordSizes.HEADER + guards.bytes().intents() + writes.bytes().intents();
        Frame withRecords = new Frame(
                PREPARE.compares(),
                List.of(
                        record("/frame/0", 100),
                        record("/frame/1", RecordSizes.HEADER + writes.bytes().operations()),
                        record("/frame/2", intents)),
                PREPARE.failure());
        TxnRequest prepare = composer.compose(withRecords, guards, revision(), operations, Writes.NAMED);
        assertThat(prepare.getSerializedSize())
                .isBetween(Limits.REQUEST_BYTES - 10 * WRITES - 10_000, Limits.REQUEST_BYTES + 1_000);
        assertThat(Await.answer(kv.txn(prepare)).getSucceeded()).isTrue();
        assertThat(send(frame(0, 2, 1), new Guards(), operations, Writes.APPLIED)
                        .getSucceeded())
                .isTrue();
        assertThat(written().getCount()).isEqualTo(WRITES);
    }

    private static RequestOp record(String key, long size) {
        return op(PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(ByteString.copyFrom(new byte[Math.toIntExact(size)])));
    }

    private TxnResponse send(Frame frame, Guards guards, List<RequestOp> writes, Writes how) {
        TxnRequest txn = composer.compose(frame, guards, revision(), writes, how);
        return Await.answer(kv.txn(txn));
    }

    /** Half of the keys are there. */
    private Guards read(int count) {
        for (int from = 0; from < count / 2; from += 100) {
            TxnRequest.Builder some = TxnRequest.newBuilder();
            for (int i = from; i < Math.min(from + 100, count / 2); i++) {
                some.addSuccess(
                        op(PutRequest.newBuilder().setKey(bytes("/g/" + i)).setValue(bytes("read"))));
            }
            Await.answer(kv.txn(some.build()));
        }
        Guards guards = new Guards();
        for (KeyValue found : range("/g/", "/g0").getKvsList()) {
            guards.key(found.getKey(), found.getModRevision());
        }
        IntStream.range(count / 2, count).forEach(i -> guards.key(bytes("/g/" + i), 0));
        assertThat(guards.size()).isEqualTo(count);
        return guards;
    }

    private static List<RequestOp> puts(int count) {
        return IntStream.range(0, count)
                .mapToObj(
                        i -> op(PutRequest.newBuilder().setKey(bytes("/w/" + i)).setValue(bytes("value " + i))))
                .toList();
    }

    private static Frame frame(int compares, int success, int failure) {
        return new Frame(
                Stream.generate(() -> Compare.newBuilder()
                                .setKey(bytes("/frame/0"))
                                .setTarget(CompareTarget.CREATE)
                                .setResult(CompareResult.EQUAL)
                                .build())
                        .limit(compares)
                        .toList(),
                IntStream.range(0, success)
                        .mapToObj(i -> op(PutRequest.newBuilder().setKey(bytes("/frame/" + i))))
                        .toList(),
                Stream.generate(() -> RequestOp.newBuilder()
                                .setRequestRange(RangeRequest.newBuilder().setKey(bytes("/frame/0")))
                                .build())
                        .limit(failure)
                        .toList());
    }

    private RangeResponse written() {
        return range("/w/", "/w0");
    }

    private RangeResponse range(String from, String to) {
        return Await.answer(kv.range(RangeRequest.newBuilder()
                .setKey(bytes(from))
                .setRangeEnd(bytes(to))
                .build()));
    }

    private long revision() {
        return range("/none/", "/none0").getHeader().getRevision();
    }

    private void put(String key, String value) {
        Await.answer(kv.put(PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes(value))
                .build()));
    }

    private static RequestOp op(PutRequest.Builder put) {
        return RequestOp.newBuilder().setRequestPut(put).build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
