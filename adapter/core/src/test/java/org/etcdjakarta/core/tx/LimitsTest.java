package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.bytes;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.TxnRequest;
import java.util.Random;
import org.etcdjakarta.EtcdLimitException;
import org.junit.jupiter.api.Test;

class LimitsTest {

    /** As long as a revision can be. */
    private static final long R0 = Long.MAX_VALUE - 1;

    private final Guards guards = new Guards();
    private final WriteSet writes = new WriteSet();

    @Test
    void theLargestNumberThatPassesFitsIntoEveryTxnOfTheProtocolAndOneMoreIntoNot() {
        for (int maxTxnOps : new int[] {6, 16, 128}) {
            Random random = new Random(maxTxnOps);
            TxnComposer composer = new TxnComposer(maxTxnOps);
            for (int i = 0; i < 40; i++) {
                Guards reads = new Guards();
                WriteSet puts = new WriteSet();
                int wanted = random.nextInt(maxTxnOps * maxTxnOps / 4);
                for (int k = 0; k < wanted; k++) {
                    read(reads, k);
                }
                Limits limits = Limits.branch(maxTxnOps);
                int passed = 0;
                while (passes(limits, reads, puts)) {
                    write(puts, passed++, 1);
                }
                if (passed < 2) {
                    continue;
                }
                assertThatThrownBy(() -> compose(composer, Frames.PREPARE, reads, puts, Writes.NAMED))
                        .isInstanceOf(EtcdLimitException.class);
                puts.remove(bytes("/w/" + (passed - 1)));
                assertThatCode(() -> {
                            compose(composer, Frames.ONE_PHASE, reads, puts, Writes.APPLIED);
                            compose(composer, Frames.PREPARE, reads, puts, Writes.NAMED);
                            compose(composer, Frames.COMPLETION, new Guards(), puts, Writes.APPLIED);
                        })
                        .doesNotThrowAnyException();
            }
        }
    }

    private static boolean passes(Limits limits, Guards guards, WriteSet writes) {
        try {
            limits.check(guards, writes);
            return true;
        } catch (EtcdLimitException e) {
            return false;
        }
    }

    @Test
    void aLocalTransactionNeedsRoomForOnePhaseOnly() {
        for (int i = 0; i < 4032; i++) {
            read(guards, i);
            write(writes, i, 1);
        }
        Limits.local(128).check(guards, writes);
        assertThatThrownBy(() -> Limits.branch(128).check(guards, writes))
                .isInstanceOf(EtcdLimitException.class)
                .hasMessageContaining("4032 compares and 4032 writes");
        write(writes, 4032, 1);
        assertThatThrownBy(() -> Limits.local(128).check(guards, writes))
                .hasMessageContaining("room for 0 compares, beside so many compares for 4032 writes");
    }

    /** Sizes are added up, not measured; they may be too large by a few bytes a group, and never too small. */
    @Test
    void theSizeOfEveryTxnIsKnownBeforeItIsMade() {
        for (int keys : new int[] {1, 50, 120, 400, 1500}) {
            Random random = new Random(keys);
            for (int i = 0; i < keys; i++) {
                guards.key(bytes("/some/longer/key/" + random.nextLong()), random.nextInt(1 << 20));
                guards.range(new KeyRange(bytes("/r/" + i + "/"), bytes("/r/" + i + "0")));
                write(writes, i, random.nextInt(200));
            }
            guards.fence(bytes("/some/lock"), 1L << 40);
            TxnComposer composer = new TxnComposer(128);
            long onePhase = withoutFrame(composer, Frames.ONE_PHASE, Writes.APPLIED);
            assertThat(Limits.local(128).bytes(guards, writes)).isBetween(onePhase, slightlyMoreThan(onePhase));

            PrepareRecord record = new PrepareRecord(
                    1,
                    "node",
                    "link",
                    Requests.bytes("/r/i/link/1"),
                    new Changes(R0, guards, writes.all()).operations());
            long prepare = withoutFrame(composer, Frames.PREPARE, Writes.NAMED)
                    + record.encode().size()
                    + guards.reads().stream()
                            .mapToInt(read -> read.from().size()
                                    + 1
                                    + (read.isSingle() ? 0 : read.rangeEnd().size() + 1))
                            .sum()
                    + writes.all().keySet().stream()
                            .mapToInt(key -> key.size() + 1)
                            .sum();
            assertThat(Limits.branch(128).bytes(guards, writes))
                    .isBetween(prepare, slightlyMoreThan(prepare) + 40L * keys);
        }
    }

    private long withoutFrame(TxnComposer composer, Frame frame, Writes how) {
        return (long) compose(composer, frame, guards, writes, how).getSerializedSize()
                - compose(composer, frame, new Guards(), new WriteSet(), how).getSerializedSize();
    }

    private static long slightlyMoreThan(long bytes) {
        return bytes + bytes / 50 + 2L * RecordSizes.HEADER;
    }

    private static void read(Guards guards, int number) {
        guards.key(bytes("/g/" + number), number % 2 == 0 ? 0 : 1 + number);
    }

    private static void write(WriteSet writes, int number, int size) {
        writes.put(bytes("/w/" + number), new Write.Put(ByteString.copyFrom(new byte[size]), 0));
    }

    private static TxnRequest compose(TxnComposer composer, Frame frame, Guards guards, WriteSet writes, Writes how) {
        return composer.compose(frame, guards, R0, new Changes(R0, guards, writes.all()).operations(), how);
    }
}
