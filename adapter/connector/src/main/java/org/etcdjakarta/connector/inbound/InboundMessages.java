package org.etcdjakarta.connector.inbound;

import jakarta.resource.ResourceException;
import java.time.Duration;
import java.util.Set;
import org.etcdjakarta.core.link.Durations;
import org.jspecify.annotations.Nullable;

/** Every message about deliveries, {@code ETCD-0033x} and {@code ETCD-0034x}. */
final class InboundMessages {

    private InboundMessages() {}

    static ResourceException stopped(ActivationSettings settings) {
        ResourceException failure = new ResourceException("the resource adapter has been stopped; the watch of "
                + settings + " was not started. Start the adapter first");
        failure.setErrorCode("ETCD-00330");
        return failure;
    }

    static IllegalArgumentException unreadableCheckpoint(String name, IllegalArgumentException cause) {
        return new IllegalArgumentException(
                "ETCD-00331: the record " + name
                        + " below the reserved prefix is no checkpoint that this version of the adapter"
                        + " knows: " + cause.getMessage()
                        + ". Nothing is delivered. Use the version that wrote it, or choose another"
                        + " durableName",
                cause);
    }

    static IllegalArgumentException checkpointOfAnotherWatch(String name, String there, String wanted) {
        return new IllegalArgumentException(
                "ETCD-00332: the record " + name + " below the reserved prefix is the checkpoint of a"
                        + " watch of \"" + there + "\", this one is of \"" + wanted
                        + "\". Nothing is delivered. Choose another durableName;"
                        + " or delete the records of this one, and delivery begins anew at startRevision");
    }

    static IllegalArgumentException otherCheckpoint(String name, Position there, Position own) {
        return new IllegalArgumentException(
                "ETCD-00333: somebody else delivers under the same durableName, and otherwise: the record "
                        + name + " says concurrency " + there.lanes() + " and \"" + there.range() + "\" (node "
                        + there.node()
                        + "), here it is " + own.lanes() + " and \"" + own.range()
                        + "\". Give both the same settings, or names of their own");
    }

    static IllegalArgumentException incompleteCheckpoints(String prefix, int lanes, Set<Integer> there) {
        return new IllegalArgumentException(
                "ETCD-00334: of the " + lanes + " checkpoints " + prefix + "0 to " + prefix + (lanes - 1)
                        + " below the reserved prefix only " + there
                        + " are there. Nothing is delivered. Restore the others, or delete all of"
                        + " them, and delivery begins anew at startRevision");
    }

    static String failed(ActivationSettings settings, Item item, int attempts, @Nullable Duration pause) {
        return "ETCD-00335: revision " + item.revision() + " of " + settings + " was not taken by the bean, attempt "
                + attempts
                + "; what it did was rolled back. "
                + (pause == null ? "It is parked" : "It is delivered again in " + Durations.text(pause));
    }

    static String waits(ActivationSettings settings, Item item, Duration pause, String why) {
        return "ETCD-00336: revision " + item.revision() + " of " + settings + " waits, and is tried again in "
                + Durations.text(pause) + ": " + why;
    }

    static String parked(ActivationSettings settings, Item item, String key, int attempts) {
        return "ETCD-00337: revision " + item.revision() + " of " + settings + " was delivered " + attempts
                + " times and never taken; it is parked in \"" + key + "\", and delivery goes on with the next";
    }

    static String notBegun(ActivationSettings settings, Duration pause, RuntimeException why) {
        return "ETCD-00338: delivery of " + settings + " does not begin, it is tried again in " + Durations.text(pause)
                + ": " + why;
    }

    static String watchEnded(ActivationSettings settings, Duration pause) {
        return "ETCD-00339: etcd has refused the watch of " + settings + "; nothing is lost, it is tried again in "
                + Durations.text(pause);
    }

    static String interrupted(ActivationSettings settings, Duration grace) {
        return "ETCD-00340: a delivery of " + settings + " has not ended " + Durations.text(grace)
                + " after it was stopped, and is interrupted; it is rolled back or commits as a whole";
    }

    static String stillRunning(ActivationSettings settings) {
        return "ETCD-00341: a delivery of " + settings
                + " does not react to being interrupted and goes on without being waited for";
    }

    static IllegalStateException notEnlisted(ActivationSettings settings) {
        return new IllegalStateException(
                "ETCD-00342: the server has begun a transaction for the delivery of " + settings
                        + " and has not enlisted the adapter in it, so the checkpoint cannot be written; nothing was delivered");
    }

    static String activatedTwice(ActivationSettings settings) {
        return "ETCD-00343: the server activates the endpoint of " + settings
                + " a second time; it is delivered to once";
    }

    static IllegalStateException rolledBack(ActivationSettings settings) {
        return new IllegalStateException(
                "the transaction of the delivery was rolled back, though the bean threw nothing: it called"
                        + " setRollbackOnly, ran into the transaction's timeout, or another resource of " + settings
                        + "'s transaction refused");
    }
}
