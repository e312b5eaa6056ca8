package org.etcdjakarta.core.tx.simulation;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.Arrays;
import java.util.List;
import org.etcdjakarta.core.tx.Engines;

/** The protocol without one of its protections, taken out of its Txns on their way: what the simulation must find. */
enum Mutation {
    NONE(false) {
        @Override
        TxnRequest of(TxnRequest txn) {
            return txn;
        }
    },

    /** What was read is not compared. */
    READS_UNGUARDED(true) {
        @Override
        TxnRequest of(TxnRequest txn) {
            return without(without(txn, Bank.CLOSED), Bank.OPEN);
        }
    },

    /** A commit or rollback is applied whenever it arrives, also a second time. */
    COMPLETION_UNGUARDED(true) {
        @Override
        TxnRequest of(TxnRequest txn) {
            return txn.getSuccessList().stream().anyMatch(operation -> deletes(operation, RECORDS))
                    ? without(txn, RECORDS)
                    : txn;
        }
    },

    /** A commit or prepare that arrives late is not kept out. */
    SLOT_UNGUARDED(true) {
        @Override
        TxnRequest of(TxnRequest txn) {
            return isFence(txn) ? txn : without(txn, SLOTS);
        }
    },

    /** What is not there when it is looked for is taken for what will never come. */
    NO_FENCE(true) {
        @Override
        TxnRequest of(TxnRequest txn) {
            return isFence(txn) ? txn.toBuilder().clearSuccess().build() : txn;
        }
    },

    /** What others have prepared is no obstacle. */
    INTENTS_UNGUARDED(true) {
        @Override
        TxnRequest of(TxnRequest txn) {
            return without(txn, INTENTS);
        }
    },

    /** What others have prepared just before is not seen by who prepares. */
    INTENTS_UNSEEN(true) {
        @Override
        TxnRequest of(TxnRequest txn) {
            TxnRequest.Builder blind = txn.toBuilder().clearSuccess();
            txn.getSuccessList()
                    .forEach(operation -> blind.addSuccess(
                            operation.hasRequestRange()
                                            && starts(
                                                    operation.getRequestRange().getKey(), INTENTS)
                                    ? nothing(operation)
                                    : operation));
            return blind.build();
        }
    };

    private static final String RECORDS = Engines.RESERVED + "p/";
    private static final String SLOTS = Engines.RESERVED + "o/";
    private static final String INTENTS = Engines.RESERVED + "i/";

    private final boolean missed;

    /** @param missed whether the protocol has what is taken out of it */
    Mutation(boolean missed) {
        this.missed = missed;
    }

    abstract TxnRequest of(TxnRequest txn);

    static List<Mutation> toBeFound() {
        return Arrays.stream(values()).filter(mutation -> mutation.missed).toList();
    }

    private static RequestOp nothing(RequestOp look) {
        return RequestOp.newBuilder()
                .setRequestRange(look.getRequestRange().toBuilder().setMinModRevision(Long.MAX_VALUE))
                .build();
    }

    /** If the slot is unchanged, put it, else get it, and no more. */
    private static boolean isFence(TxnRequest txn) {
        return txn.getSuccessCount() == 1
                && puts(txn.getSuccess(0), SLOTS)
                && txn.getCompareCount() == 1
                && txn.getFailureCount() == 1;
    }

    private static TxnRequest without(TxnRequest txn, String prefix) {
        TxnRequest.Builder stripped = txn.toBuilder().clearCompare();
        txn.getCompareList().stream()
                .filter(compare -> !starts(compare.getKey(), prefix))
                .forEach(stripped::addCompare);
        return stripped.build();
    }

    private static boolean puts(RequestOp operation, String prefix) {
        return operation.hasRequestPut() && starts(operation.getRequestPut().getKey(), prefix);
    }

    private static boolean deletes(RequestOp operation, String prefix) {
        return operation.hasRequestDeleteRange()
                && starts(operation.getRequestDeleteRange().getKey(), prefix);
    }

    private static boolean starts(ByteString key, String prefix) {
        return key.startsWith(ByteString.copyFromUtf8(prefix));
    }
}
