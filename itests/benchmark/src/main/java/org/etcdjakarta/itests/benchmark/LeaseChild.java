package org.etcdjakarta.itests.benchmark;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps leases alive in a JVM of its own. Arguments: kind, endpoint, number of leases, TTL and time to measure in seconds. Prints
 * one line: answers to keep-alives, nanoseconds of CPU, bytes allocated, threads, and observers that were told of an end.
 */
final class LeaseChild {

    private final int leases;
    private final int ttl;
    private final AtomicInteger unheard;
    private final LongAdder answers = new LongAdder();
    private final LongAdder ends = new LongAdder();

    private LeaseChild(int leases, int ttl) {
        this.leases = leases;
        this.ttl = ttl;
        unheard = new AtomicInteger(leases);
    }

    public static void main(String[] arguments) throws Exception {
        LeaseKind kind = LeaseKind.valueOf(arguments[0]);
        LeaseChild child = new LeaseChild(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        switch (kind) {
            case OURS, SESSIONS -> OurLeases.keep(kind, arguments[1], child);
            case JETCD ->
                child.keep(Client.builder().endpoints(arguments[1]).build().getLeaseClient());
        }
        child.measure(Integer.parseInt(arguments[4]));
        // jetcd leaves threads behind that are no daemons.
        System.exit(0);
    }

    int leases() {
        return leases;
    }

    int ttl() {
        return ttl;
    }

    /** One lease has been heard of for the first time. */
    void heard() {
        unheard.decrementAndGet();
    }

    void keep(Lease client) throws Exception {
        Semaphore callers = new Semaphore(32);
        for (int i = 0; i < leases; i++) {
            callers.acquire();
            var unused = client.grant(ttl).whenComplete((granted, failure) -> {
                callers.release();
                if (failure == null) {
                    var unusedToo = client.keepAlive(granted.getID(), new Counter());
                } else {
                    ends.increment();
                }
            });
        }
    }

    private final class Counter implements StreamObserver<LeaseKeepAliveResponse> {

        private boolean heard;

        @Override
        public void onNext(LeaseKeepAliveResponse answer) {
            answers.increment();
            if (!heard) {
                heard = true;
                heard();
            }
        }

        @Override
        public void onError(Throwable failure) {
            ends.increment();
        }

        @Override
        public void onCompleted() {
            ends.increment();
        }
    }

    private void measure(int seconds) throws InterruptedException {
        while (unheard.get() > 0) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        // A round for the compiler, which is not what is measured.
        TimeUnit.SECONDS.sleep(ttl / 2);
        long answeredBefore = answers.sum();
        ProcessCost before = ProcessCost.now();
        TimeUnit.SECONDS.sleep(seconds);
        ProcessCost after = ProcessCost.now();
        System.out.println(answers.sum() - answeredBefore + " " + after.cpuNanosSince(before) + " "
                + after.allocatedSince(before) + " " + Thread.activeCount() + " " + ends.sum());
    }
}
