package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.jspecify.annotations.Nullable;

/** The messages of transactions, ETCD-002xx. */
final class TxErrors {

    private TxErrors() {}

    static EtcdException ended() {
        return error(
                201,
                "the transaction that this call belongs to has ended (committed, rolled back, or ended by the transaction"
                        + " manager); nothing has been read or written. Get a new connection in the current transaction",
                null);
    }

    static EtcdException rollbackOnly(EtcdException reason) {
        return error(
                202,
                "the transaction can only be rolled back, nothing of it will be written; the reason: "
                        + reason.getMessage(),
                reason);
    }

    static EtcdException snapshotLost(long revision, EtcdException cause) {
        return error(
                203,
                "etcd has compacted the revision " + revision
                        + " that this transaction reads from; it can only be rolled"
                        + " back. Keep transactions shorter than the compaction interval (etcd's"
                        + " --auto-compaction-retention)",
                cause);
    }

    static boolean isCompacted(EtcdException failure) {
        return says(failure, "required revision has been compacted");
    }

    static boolean isNoSpace(EtcdException failure) {
        return says(failure, "database space exceeded");
    }

    /** Whether etcd's text is in a failure or one of its causes. */
    static boolean says(EtcdException failure, String text) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (String.valueOf(t.getMessage()).contains(text)) {
                return true;
            }
        }
        return false;
    }

    private static EtcdConflictException conflict(@Nullable ByteString key, long r0, String endpoint) {
        return new EtcdConflictException(
                code(204),
                (key == null ? "a key" : "the key " + text(key))
                        + " was changed by somebody else after this transaction had read it at revision " + r0
                        + "; nothing has been written (" + endpoint + "). Run the transaction again",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    private static EtcdConflictException lockLost(ByteString key, String endpoint) {
        return new EtcdConflictException(
                code(204),
                "the lock or leadership of the key " + text(key)
                        + ", which was held when this transaction worked, is held no longer; nothing has been written ("
                        + endpoint
                        + "). Unlock after the transaction has ended; if it was lost, take it again and run the"
                        + " transaction again",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    /** @param broken a key whose guard did not hold */
    static EtcdConflictException conflict(Changes changes, @Nullable ByteString broken, String endpoint) {
        return broken != null && changes.guards().isFence(broken)
                ? lockLost(broken, endpoint)
                : conflict(broken, changes.r0(), endpoint);
    }

    /** @param allowed what would be possible */
    static EtcdLimitException tooManyOperations(int guards, int writes, String allowed) {
        return new EtcdLimitException(
                code(205),
                "the transaction would need " + guards + " compares and " + writes + " writes in one Txn of etcd; "
                        + allowed
                        + ". This operation took no effect. Read or write fewer keys in one transaction, or raise etcd's"
                        + " --max-txn-ops and the property maxTxnOps alike",
                Effect.NOT_APPLIED,
                "",
                null);
    }

    static EtcdLimitException tooLarge(long size, int allowed) {
        return new EtcdLimitException(
                code(206),
                String.format(
                        Locale.ROOT,
                        "the transaction's request would have %,d bytes, and %,d are allowed; this operation took no effect."
                                + " Write less in one transaction",
                        size,
                        allowed),
                Effect.NOT_APPLIED,
                "",
                null);
    }

    static EtcdException reserved(ByteString key, String prefix) {
        return error(
                207,
                "the key " + text(key) + " is below " + prefix + ", which holds the records of the commit protocol and"
                        + " can't be read or written by applications; nothing has been done. Choose another key, or another"
                        + " reservedPrefix",
                null);
    }

    static EtcdException compareSpansReserved(ByteString key) {
        return error(
                208,
                "a compare over a range from " + text(key) + " spans the reserved keys, which applications do not see;"
                        + " nothing has been done. Compare a smaller range, or do it inside of a transaction",
                null);
    }

    static EtcdException duplicateKey(ByteString key) {
        return error(
                209,
                "etcdserver: duplicate key given in txn request: " + text(key)
                        + " is put twice, or put and deleted; the Txn took no effect",
                null);
    }

    static EtcdException keyNotFound(ByteString key) {
        return error(
                210,
                "etcdserver: key not found: " + text(key)
                        + " does not exist, so its value or lease can't be kept; the put took no effect",
                null);
    }

    static EtcdException invalid(String what) {
        return error(211, what + "; the operation took no effect", null);
    }

    static EtcdException timedOut(Deadline deadline) {
        return error(
                212,
                "the transaction is older than its timeout of "
                        + deadline.timeout().toSeconds() + " s",
                null);
    }

    static EtcdInDoubtException commitInDoubt(
            int writes, Doubt doubt, Duration settlingTime, String endpoint, EtcdException cause) {
        return new EtcdInDoubtException(
                code(213),
                "the answer to the commit was lost, and etcd (" + endpoint + ") could not be asked for "
                        + settlingTime.toSeconds() + " s what became of it: all " + writes
                        + " writes of the transaction have been applied, or none, or they still will be. "
                        + told(doubt) + " The reason: " + cause.getMessage(),
                Effect.IN_DOUBT,
                endpoint,
                cause);
    }

    static String told(Doubt doubt) {
        return "The log will tell when it is found out. Or look at the key '" + doubt.slot() + "': 'done " + doubt.id()
                + " ...' means applied, 'fenced " + doubt.id() + " ...' means that it never will be.";
    }

    static EtcdException commitFenced(String endpoint, EtcdException cause) {
        return new EtcdException(
                code(222),
                "the answer to the commit was lost (" + endpoint + "); it has been fenced off: nothing of it has been"
                        + " written or will be. Run the transaction again",
                Effect.NOT_APPLIED,
                endpoint,
                cause);
    }

    static EtcdException markedForRollback() {
        return error(214, "the transaction manager has marked the transaction for rollback", null);
    }

    /** Of the write that comes first: nothing of the transaction has been sent. */
    static EtcdUnavailableException noSlot(EtcdException cause) {
        return new EtcdUnavailableException(
                code(224),
                "etcd did not answer when the transaction was to be committed; nothing of it has been sent. The reason: "
                        + cause.getMessage(),
                Effect.NOT_APPLIED,
                cause.endpoint(),
                cause);
    }

    static EtcdUnavailableException slotsSpoiled(String endpoint) {
        return new EtcdUnavailableException(
                code(225),
                "the slots that this process commits with are not as it has left them (" + endpoint
                        + "); nothing has been written. Somebody deletes keys below the reservedPrefix, or etcd was restored"
                        + " from a backup",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdConflictException tooBusy(int prepared, String endpoint) {
        return new EtcdConflictException(
                code(228),
                "branches were prepared faster than this write could look at them (" + prepared
                        + " are prepared now); nothing has been written (" + endpoint + "). Run it again",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static EtcdException interrupted() {
        return error(229, "the thread was interrupted while it waited to commit; nothing has been written", null);
    }

    /** Etcd tells that something is not allowed, but not that it may be the protocol's own keys. A wrong password is not about keys. */
    static EtcdException forbidden(EtcdException cause, String reservedPrefix) {
        return cause instanceof EtcdAccessException && !EtcdLink.isSignOnRefused(cause)
                ? new EtcdAccessException(
                        code(250),
                        cause.getMessage() + " Who writes through the adapter needs to read and write below "
                                + reservedPrefix + " too (README, rights)",
                        cause.effect(),
                        cause.endpoint(),
                        cause)
                : cause;
    }

    static EtcdException engineClosed(String endpoint) {
        return new EtcdException(
                code(243),
                "the connection factory was closed while the write waited for a prepared branch; nothing has been written",
                Effect.NOT_APPLIED,
                endpoint,
                null);
    }

    static boolean isTimeout(EtcdException failure) {
        return failure.code().equals(code(212));
    }

    /** Keys are bytes; those that are text are shown as such. */
    static String text(ByteString key) {
        String text = key.toStringUtf8();
        boolean readable = ByteString.copyFrom(text, StandardCharsets.UTF_8).equals(key)
                && text.chars().noneMatch(Character::isISOControl);
        if (readable) {
            return "'" + text + "'";
        }
        StringBuilder hex = new StringBuilder("0x");
        for (byte b : key) {
            hex.append(String.format(Locale.ROOT, "%02x", b));
        }
        return hex.toString();
    }

    static EtcdException error(int number, String message, @Nullable Throwable cause) {
        return new EtcdException(code(number), message, Effect.NOT_APPLIED, "", cause);
    }

    static String code(int number) {
        return String.format(Locale.ROOT, "ETCD-%05d", number);
    }
}
