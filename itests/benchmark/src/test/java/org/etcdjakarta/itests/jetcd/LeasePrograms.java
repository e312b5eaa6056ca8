package org.etcdjakarta.itests.jetcd;

import static org.etcdjakarta.itests.jetcd.Text.b;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@link Lease}. */
final class LeasePrograms {

    private static final long ABSENT = 4711;

    private LeasePrograms() {}

    static void lease(Client client, Transcript t) throws Exception {
        Lease lease = client.getLeaseClient();
        KV kv = client.getKVClient();
        long id = t.result("grant", () -> lease.grant(600)).getID();
        t.call("grantWithin", () -> lease.grant(600, 10, TimeUnit.SECONDS));
        t.call("grantNothing", () -> lease.grant(0));
        t.call("grantTooMuch", () -> lease.grant(9_000_000_001L));
        kv.put(b("/lease/a"), b("1"), PutOption.builder().withLeaseId(id).build())
                .get();
        kv.put(b("/lease/b"), b("1"), PutOption.builder().withLeaseId(id).build())
                .get();
        t.write(
                "timeToLive.granted",
                lease.timeToLive(id, LeaseOption.DEFAULT).get().getGrantedTTL());
        LeaseOption keys = LeaseOption.builder().withAttachedKeys().build();
        t.write(
                "timeToLive.keys",
                lease.timeToLive(id, keys).get().getKeys().stream()
                        .sorted((one, other) -> one.toString().compareTo(other.toString()))
                        .toList());
        t.call("timeToLiveOfNone", () -> lease.timeToLive(ABSENT, keys));
        t.call("keepAliveOnce", () -> lease.keepAliveOnce(id));
        t.call("keepAliveOnceOfNone", () -> lease.keepAliveOnce(ABSENT));
        t.call("revoke", () -> lease.revoke(id));
        t.call("revoked", () -> kv.get(b("/lease/a")));
        t.call("revokeAgain", () -> lease.revoke(id));
    }

    static void keepAlive(Client client, Transcript t) throws Exception {
        Lease lease = client.getLeaseClient();
        long id = t.result("grant", () -> lease.grant(3)).getID();
        Observer seen = new Observer();
        CloseableClient alive = lease.keepAlive(id, seen);
        t.next("first", seen.queue);
        t.next("second", seen.queue);
        alive.close();

        Observer absent = new Observer();
        lease.keepAlive(ABSENT, absent);
        t.next("ofNone", absent.queue);

        long revoked = t.result("grantOther", () -> lease.grant(3)).getID();
        Observer end = new Observer();
        lease.keepAlive(revoked, end);
        t.next("beforeRevocation", end.queue);
        t.call("revoke", () -> lease.revoke(revoked));
        t.write("afterRevocation", end.endOf());
    }

    /** Writes down what it is called with. */
    private static final class Observer implements StreamObserver<LeaseKeepAliveResponse> {

        private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();

        @Override
        public void onNext(LeaseKeepAliveResponse response) {
            queue.add(response);
        }

        @Override
        public void onError(Throwable failure) {
            queue.add(failure);
        }

        @Override
        public void onCompleted() {
            queue.add("completed");
        }

        /** What comes after the answers that may still have been on their way. */
        private String endOf() throws InterruptedException {
            while (true) {
                Object next = queue.poll(60, TimeUnit.SECONDS);
                if (next == null) {
                    return "nothing came";
                }
                if (!(next instanceof LeaseKeepAliveResponse)) {
                    return next instanceof Throwable ? "a failure" : next.toString();
                }
            }
        }
    }
}
