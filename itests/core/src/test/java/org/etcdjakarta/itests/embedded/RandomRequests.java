package org.etcdjakarta.itests.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.etcdjakarta.embedded.protocol.LeaseLeasesRequest;

/**
 * Requests that meet each other: few keys, few leases, and revisions around those that there are. About a third of them is such
 * that etcd has to refuse.
 *
 * <p>What is left out, because etcd 3.5 does not survive it or leaves it to chance, is told in the README of adapter/embedded.
 */
final class RandomRequests {

    /** Those that a server chooses itself are far beyond. */
    static final long CHOSEN_LEASES = 100;

    static final ByteString OPEN_END = ByteString.copyFrom(new byte[1]);

    /** With the one of {@link TwinStream} twelve: sorted by something else, as many as etcd keeps in order when they are equal. */
    private static final List<ByteString> KEYS = Stream.of(
                    "a", "a\0", "aa", "ab", "b", "b/1", "b/2", "c", "\0", "ÿ", "\1\2")
            .map(ByteString::copyFromUtf8)
            .toList();

    private static final List<ByteString> ENDS = Stream.of("b", "b0", "c", "a\0", "\0\0", "z")
            .map(ByteString::copyFromUtf8)
            .toList();

    private static final int MAX_REQUEST_BYTES = 1536 * 1024;

    private final Random random;
    private final Known known;

    RandomRequests(Random random, Known known) {
        this.random = random;
        this.known = known;
    }

    Message next() {
        int kind = random.nextInt(100);
        if (kind < 27) {
            return range();
        } else if (kind < 50) {
            return put();
        } else if (kind < 59) {
            return deleteRange();
        } else if (kind < 82) {
            return oneIn(250) ? big() : survivable();
        } else if (kind < 88) {
            return grant();
        } else if (kind < 92) {
            return LeaseRevokeRequest.newBuilder().setID(lease()).build();
        } else if (kind < 93) {
            return LeaseLeasesRequest.getDefaultInstance();
        } else if (kind < 97) {
            return LeaseTimeToLiveRequest.newBuilder()
                    .setID(lease())
                    .setKeys(random.nextBoolean())
                    .build();
        }
        return LeaseKeepAliveRequest.newBuilder().setID(lease()).build();
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    @SafeVarargs
    private <T> T oneOf(Supplier<T>... choices) {
        return choices[random.nextInt(choices.length)].get();
    }

    /** Now and then none, which most requests must have. */
    ByteString key() {
        return oneIn(12) ? ByteString.EMPTY : oneOf(KEYS);
    }

    /** A single key, everything from it on, up to another one that may lie before it. */
    ByteString end() {
        return oneOf(
                () -> ByteString.EMPTY, () -> ByteString.EMPTY, () -> OPEN_END, () -> oneOf(KEYS), () -> oneOf(ENDS));
    }

    private ByteString value() {
        return oneIn(5) ? ByteString.EMPTY : ByteString.copyFromUtf8(Integer.toString(random.nextInt(4)));
    }

    private long lease() {
        return oneIn(6) ? random.nextInt(12) - 2 : random.nextInt(4) + 1;
    }

    /** Known, compacted, future, none and negative ones. */
    long revision() {
        return switch (random.nextInt(10)) {
            case 0 -> known.revision() + 1 + random.nextInt(3);
            case 1 -> random.nextInt((int) Math.max(1, known.compacted() + 1));
            case 2 -> -random.nextInt(3);
            case 3 -> known.compacted();
            case 4, 5, 6 -> past();
            default -> 0;
        };
    }

    /** Between the compacted revision and the current one, both included. */
    long past() {
        long oldest = Math.max(1, known.compacted());
        return oldest + random.nextInt((int) (known.revision() - oldest + 1));
    }

    private RangeRequest range() {
        RangeRequest.Builder range = RangeRequest.newBuilder()
                .setKey(key())
                .setRangeEnd(end())
                .setRevision(revision())
                .setSerializable(random.nextBoolean())
                .setKeysOnly(oneIn(6))
                .setCountOnly(oneIn(8));
        if (oneIn(3)) {
            range.setLimit(oneOf(List.of(1L, 2L, 3L, 5L, 100L, -1L, Long.MAX_VALUE)));
        }
        if (oneIn(2)) {
            range.setSortOrderValue(oneIn(12) ? 9 : random.nextInt(3)).setSortTargetValue(random.nextInt(5));
        }
        if (oneIn(6)) {
            range.setMinModRevision(bound()).setMaxModRevision(bound());
        }
        if (oneIn(6)) {
            range.setMinCreateRevision(bound()).setMaxCreateRevision(bound());
        }
        return range.build();
    }

    private long bound() {
        return oneOf(
                () -> 0L, () -> known.revision() - random.nextInt(12), () -> known.revision() - random.nextInt(30));
    }

    private PutRequest put() {
        PutRequest.Builder put = PutRequest.newBuilder().setKey(key()).setPrevKv(random.nextBoolean());
        if (oneIn(6)) {
            put.setIgnoreValue(true);
        }
        if (oneIn(6)) {
            put.setIgnoreLease(true);
        }
        if (!put.getIgnoreValue() || oneIn(3)) {
            put.setValue(value());
        }
        if (put.getIgnoreLease() ? oneIn(3) : oneIn(2)) {
            put.setLease(lease());
        }
        return put.build();
    }

    /** Mostly of one key, or there would seldom be any. */
    private DeleteRangeRequest deleteRange() {
        return DeleteRangeRequest.newBuilder()
                .setKey(key())
                .setRangeEnd(oneIn(6) ? end() : ByteString.EMPTY)
                .setPrevKv(random.nextBoolean())
                .build();
    }

    private TxnRequest survivable() {
        TxnRequest txn = txn(3);
        return contains(txn, RandomRequests::deletesTheRest) && contains(txn, RandomRequests::needsPrevious)
                ? survivable()
                : txn;
    }

    private static boolean deletesTheRest(RequestOp operation) {
        return operation.getRequestDeleteRange().getRangeEnd().equals(OPEN_END);
    }

    private static boolean needsPrevious(RequestOp operation) {
        return operation.getRequestPut().getIgnoreValue()
                || operation.getRequestPut().getIgnoreLease();
    }

    private static boolean contains(TxnRequest txn, Predicate<RequestOp> wanted) {
        return Stream.concat(txn.getSuccessList().stream(), txn.getFailureList().stream())
                .anyMatch(operation -> wanted.test(operation) || contains(operation.getRequestTxn(), wanted));
    }

    private TxnRequest txn(int depth) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        int wide = oneIn(60) ? random.nextInt(3) : -1;
        for (int i = count(wide == 0); i > 0; i--) {
            txn.addCompare(compare());
        }
        for (int i = count(wide == 1); i > 0; i--) {
            txn.addSuccess(operation(depth, wide == 1));
        }
        for (int i = count(wide == 2); i > 0; i--) {
            txn.addFailure(operation(depth, wide == 2));
        }
        return txn.build();
    }

    /** A wide one is about as wide as etcd allows. */
    private int count(boolean wide) {
        return wide ? 126 + random.nextInt(4) : random.nextInt(4);
    }

    private RequestOp operation(int depth, boolean oneOfMany) {
        RequestOp.Builder operation = RequestOp.newBuilder();
        int kind = random.nextInt(oneOfMany ? 6 : 20);
        if (kind < 4) {
            operation.setRequestRange(oneOfMany ? harmlessRange() : range());
        } else if (kind < 6) {
            operation.setRequestDeleteRange(
                    oneOfMany ? deleteRange().toBuilder().setKey(oneOf(KEYS)).build() : deleteRange());
        } else if (kind < 14) {
            operation.setRequestPut(put());
        } else if (kind < 19 && depth > 0) {
            operation.setRequestTxn(txn(depth - 1));
        } else if (kind == 19 && oneIn(3)) {
            return operation.build();
        } else {
            operation.setRequestRange(harmlessRange());
        }
        return operation.build();
    }

    private RangeRequest harmlessRange() {
        return RangeRequest.newBuilder().setKey(oneOf(KEYS)).setRangeEnd(end()).build();
    }

    private Compare compare() {
        Compare.Builder compare = Compare.newBuilder()
                .setKey(oneIn(40) ? ByteString.EMPTY : oneOf(KEYS))
                .setResultValue(random.nextInt(oneIn(20) ? 6 : 4))
                .setRangeEnd(end());
        int target = random.nextInt(oneIn(20) ? 7 : 5);
        compare.setTargetValue(target);
        switch (target) {
            case Compare.CompareTarget.VERSION_VALUE -> compare.setVersion(random.nextInt(4));
            case Compare.CompareTarget.CREATE_VALUE -> compare.setCreateRevision(bound());
            case Compare.CompareTarget.MOD_VALUE -> compare.setModRevision(bound());
            case Compare.CompareTarget.VALUE_VALUE -> compare.setValue(value());
            default -> compare.setUnknownFields(lease(lease()));
        }
        // Without operand, or with one that belongs to another target.
        return oneIn(25) ? compare.clearTargetUnion().build() : oneIn(25) ? mistargeted(compare) : compare.build();
    }

    private Compare mistargeted(Compare.Builder compare) {
        return compare.setUnknownFields(UnknownFieldSet.getDefaultInstance())
                .setVersion(random.nextInt(3))
                .build();
    }

    /** etcd's operand of the target LEASE, which jetcd's protocol lacks. */
    private static UnknownFieldSet lease(long id) {
        return UnknownFieldSet.newBuilder()
                .addField(8, UnknownFieldSet.Field.newBuilder().addVarint(id).build())
                .build();
    }

    /** A lease that lives on, or one with too long a time. Short ones are the business of another test. */
    private LeaseGrantRequest grant() {
        return LeaseGrantRequest.newBuilder()
                .setID(lease())
                .setTTL(oneOf(List.of(3_600L, 7_200L, 9_000_000_000L, 9_000_000_001L)))
                .build();
    }

    CompactionRequest compaction() {
        return CompactionRequest.newBuilder()
                .setRevision(random.nextBoolean() ? past() : revision())
                .setPhysical(random.nextBoolean())
                .build();
    }

    /** About as big as etcd allows; not to the byte, for etcd counts the varying length of its own envelope. */
    private Message big() {
        int size = MAX_REQUEST_BYTES + oneOf(List.of(-200, 200));
        PutRequest put = PutRequest.newBuilder()
                .setKey(oneOf(KEYS))
                .setValue(ByteString.copyFrom(new byte[size]))
                .build();
        if (random.nextBoolean()) {
            return put;
        }
        RequestOp operation = RequestOp.newBuilder().setRequestPut(put).build();
        return TxnRequest.newBuilder().addFailure(operation).build();
    }
}
