package org.etcdjakarta.core.recipe;

import java.util.concurrent.TimeoutException;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdUnavailableException;

/** The messages of recipes, ETCD-006xx. */
final class RecipeErrors {

    private RecipeErrors() {}

    static EtcdException noLease(String name, String endpoints) {
        return new EtcdUnavailableException(
                "ETCD-00601",
                "the session has no lease that \"" + name + "\" could stand on, because etcd at " + endpoints
                        + " has not answered in time; nothing was taken. Check that etcd is there",
                Effect.NOT_APPLIED,
                endpoints,
                null);
    }

    static EtcdException noAnswer(TimeoutException cause) {
        return new EtcdInDoubtException(
                "ETCD-00602",
                "the time to wait was over before etcd answered. A place in the queue that etcd may have given is given back"
                        + " as soon as it answers",
                Effect.IN_DOUBT,
                "",
                cause);
    }

    static EtcdConflictException fenceLost(String key, String endpoints) {
        return new EtcdConflictException(
                "ETCD-00603",
                "the lock or leadership with the key " + key
                        + " was lost before the write; nothing was written. Whoever holds it"
                        + " now may have changed what was read: take it again and begin anew",
                Effect.NOT_APPLIED,
                endpoints,
                null);
    }

    static EtcdConflictException contended(String key, int attempts, String endpoints) {
        return new EtcdConflictException(
                "ETCD-00604",
                "the counter " + key + " was changed by others each of " + attempts
                        + " times that this was tried; nothing was written. Try again, or spread the counting over more keys",
                Effect.NOT_APPLIED,
                endpoints,
                null);
    }

    static EtcdException noNumber(String key, NumberFormatException cause) {
        return new EtcdException(
                "ETCD-00605",
                "the value of " + key
                        + " is no decimal number that fits into 64 bits; it was left as it is. Use another key for"
                        + " the counter",
                Effect.NOT_APPLIED,
                "",
                cause);
    }

    static EtcdInDoubtException counterInDoubt(String key, EtcdException cause) {
        return new EtcdInDoubtException(
                "ETCD-00606",
                "the answer to a change of the counter " + key
                        + " was lost, and what etcd has now does not tell whether it was"
                        + " applied. It was applied once or not at all, and will not be later if etcd could be asked",
                Effect.IN_DOUBT,
                cause.endpoint(),
                cause);
    }

    static EtcdConflictException notLeader(String name, String endpoints) {
        return new EtcdConflictException(
                "ETCD-00607",
                "this process does not lead the election \"" + name + "\" (any more); nothing was written",
                Effect.NOT_APPLIED,
                endpoints,
                null);
    }
}
