package org.etcdjakarta.core.tx.simulation;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Requests on one line, for traces. */
final class Text {

    private static final int LONGEST = 24;

    private Text() {}

    static String of(RangeRequest range) {
        return key(range.getKey(), range.getRangeEnd()) + (range.getRevision() == 0 ? "" : "@" + range.getRevision());
    }

    static String of(PutRequest put) {
        return key(put.getKey(), ByteString.EMPTY) + "=" + value(put.getValue());
    }

    static String of(DeleteRangeRequest delete) {
        return key(delete.getKey(), delete.getRangeEnd());
    }

    static String of(TxnRequest txn) {
        return "if " + txn.getCompareList().stream().map(Text::of).collect(Collectors.joining(" && ")) + " then "
                + operations(txn.getSuccessList());
    }

    private static String operations(List<RequestOp> operations) {
        return operations.stream().map(Text::of).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String of(RequestOp operation) {
        return switch (operation.getRequestCase()) {
            case REQUEST_RANGE -> "get " + of(operation.getRequestRange());
            case REQUEST_PUT -> of(operation.getRequestPut());
            case REQUEST_DELETE_RANGE -> "del " + of(operation.getRequestDeleteRange());
            default -> "[" + of(operation.getRequestTxn()) + "]";
        };
    }

    private static String of(Compare compare) {
        String number =
                switch (compare.getTarget()) {
                    case VERSION -> "version=" + compare.getVersion();
                    case CREATE -> "create=" + compare.getCreateRevision();
                    case MOD -> "mod=" + compare.getModRevision();
                    default -> "value";
                };
        return key(compare.getKey(), compare.getRangeEnd()) + ":" + compare.getResult() + " " + number;
    }

    static String of(CompletableFuture<?> applied) {
        return applied.handle((answer, error) -> {
                    if (error != null) {
                        return String.valueOf(error.getMessage());
                    }
                    if (answer instanceof TxnResponse txn) {
                        return txn.getSucceeded() + " @" + txn.getHeader().getRevision();
                    }
                    if (answer instanceof RangeResponse range) {
                        return range.getKvsList().stream()
                                        .map(kv -> key(kv.getKey(), ByteString.EMPTY) + "=" + value(kv.getValue()))
                                        .toList()
                                + " @" + range.getHeader().getRevision();
                    }
                    return "ok";
                })
                .join();
    }

    private static String key(ByteString key, ByteString end) {
        return shown(key.toStringUtf8()) + (end.isEmpty() ? "" : "..");
    }

    /** A record of the protocol's has ids in it that are different in each run. */
    private static String value(ByteString value) {
        String text = value.toStringUtf8();
        return text.matches("[ -~]*") ? shown(text) : "<" + value.size() + " bytes>";
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^ -~]", ".");
        return printable.length() <= 2 * LONGEST
                ? printable
                : printable.substring(0, LONGEST) + "~" + printable.substring(printable.length() - LONGEST);
    }
}
