package org.etcdjakarta.core.tx.simulation;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import org.etcdjakarta.core.tx.Engines;

/** The protocol without one of its protections, taken out of its Txns on their way: what the simulation must find. */
enum Mutation {
    NONE {
        @Override
        TxnRequest of(TxnRequest txn) {
            return txn;
        }
    },

    /** A commit or rollback is applied whenever it arrives, also a second time. */
    COMPLETION_WITHOUT_RECORD {
        @Override
        TxnRequest of(TxnRequest txn) {
            return txn.getSuccessList().stream().anyMatch(operation -> deletes(operation, RECORDS))
                    ? without(txn, RECORDS)
                    : txn;
        }
    },

    /** A prepare that arrives late is not kept out. */
    PREPARE_UNGUARDED {
        @Override
        TxnRequest of(TxnRequest txn) {
            return txn.getSuccessList().stream().anyMatch(operation -> puts(operation, RECORDS))
                    ? without(without(txn, RECORDS), SLOTS)
                    : txn;
        }
    },

    /** What is not there when it is looked for is taken for what will never come. */
    NO_FENCE {
        @Override
        TxnRequest of(TxnRequest txn) {
            boolean fence = txn.getSuccessCount() == 1
                    && (puts(txn.getSuccess(0), RECORDS) || puts(txn.getSuccess(0), SLOTS))
                    && txn.getCompareCount() == 1
                    && txn.getFailureCount() == 1;
            return fence ? txn.toBuilder().clearSuccess().build() : txn;
        }
    };

    private static final String RECORDS = Engines.RESERVED + "p/";
    private static final String SLOTS = Engines.RESERVED + "o/";

    abstract TxnRequest of(TxnRequest txn);

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
