package org.etcdjakarta.itests.jetcd;

import static org.etcdjakarta.itests.jetcd.Text.b;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.options.GetOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** {@link Lock} and {@link Election}. */
final class LockPrograms {

    private static final long ABSENT = 4711;

    private LockPrograms() {}

    private static long lease(Client client, Transcript t, String name) throws Exception {
        return t.result(name, () -> client.getLeaseClient().grant(600)).getID();
    }

    static void lock(Client client, Transcript t) throws Exception {
        Lock lock = client.getLockClient();
        long first = lease(client, t, "firstLease");
        long second = lease(client, t, "secondLease");
        LockResponse held = t.result("lock", () -> lock.lock(b("/lock"), first));
        t.call("again", () -> lock.lock(b("/lock"), first));
        CompletableFuture<LockResponse> waiting = lock.lock(b("/lock"), second);
        awaitKeys(client.getKVClient(), "/lock/", 2);
        t.write("waits", !waiting.isDone());
        t.call("unlock", () -> lock.unlock(held.getKey()));
        LockResponse passedOn = t.result("passedOn", waiting);
        t.call("revoke", () -> client.getLeaseClient().revoke(second));
        t.call("unlockAfterRevocation", () -> lock.unlock(passedOn.getKey()));
        t.call("leaseThatIsNot", () -> lock.lock(b("/lock"), ABSENT));
    }

    /** The keys are etcd's own: its lock writes one for each who waits. */
    private static void awaitKeys(KV kv, String prefix, long count) throws Exception {
        GetOption counted =
                GetOption.builder().isPrefix(true).withCountOnly(true).build();
        long end = System.nanoTime() + 60_000_000_000L;
        while (kv.get(b(prefix), counted).get().getCount() < count) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("no " + count + " keys below " + prefix);
            }
        }
    }

    static void election(Client client, Transcript t) throws Exception {
        Election election = client.getElectionClient();
        t.call("noLeader", () -> election.leader(b("/e")));
        long mine = lease(client, t, "lease");
        BlockingQueue<Object> observed = new LinkedBlockingQueue<>();
        election.observe(b("/e"), new Election.Listener() {
            @Override
            public void onNext(LeaderResponse response) {
                observed.add(response.getKv().getValue().toString());
            }

            @Override
            public void onError(Throwable failure) {
                observed.add(failure);
            }

            @Override
            public void onCompleted() {
                observed.add("completed");
            }
        });
        LeaderKey leader = t.result("campaign", () -> election.campaign(b("/e"), mine, b("me")))
                .getLeader();
        t.next("observed", observed);
        t.call("leader", () -> election.leader(b("/e")));
        t.call("proclaim", () -> election.proclaim(leader, b("me too")));
        t.next("observedProclamation", observed);
        t.call("resign", () -> election.resign(leader));
        t.call("resignAgain", () -> election.resign(leader));
        t.call("proclaimLate", () -> election.proclaim(leader, b("late")));
        t.call("campaignWithoutLease", () -> election.campaign(b("/e"), ABSENT, b("me")));
    }

    /** For a client with a namespace. */
    static void namespace(Client client, Transcript t) throws Exception {
        long lease = lease(client, t, "lockLease");
        LockResponse held = t.result("lock", () -> client.getLockClient().lock(b("lock"), lease));
        t.call("lockKeyExists", () -> client.getKVClient().get(held.getKey()));
        t.call("unlock", () -> client.getLockClient().unlock(held.getKey()));
        Election election = client.getElectionClient();
        LeaderKey leader = t.result("campaign", () -> election.campaign(b("e"), lease, b("me")))
                .getLeader();
        t.call("leader", () -> election.leader(b("e")));
        t.call("proclaim", () -> election.proclaim(leader, b("me too")));
        t.call("resign", () -> election.resign(leader));
    }
}
