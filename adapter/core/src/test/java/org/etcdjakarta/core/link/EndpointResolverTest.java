package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.ManagedChannel;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EndpointResolverTest {

    /** Throws the first time somebody goes through it. */
    private static final class Failing extends AbstractList<Endpoint> {

        private final List<Endpoint> endpoints;
        private final AtomicInteger looks = new AtomicInteger();

        Failing(List<Endpoint> endpoints) {
            this.endpoints = endpoints;
        }

        @Override
        public Endpoint get(int index) {
            return endpoints.get(index);
        }

        @Override
        public int size() {
            return endpoints.size();
        }

        @Override
        public Iterator<Endpoint> iterator() {
            if (looks.getAndIncrement() == 0) {
                throw new StackOverflowError();
            }
            return endpoints.iterator();
        }
    }

    @Test
    void lookUpThatThrowsIsTriedAgain() {
        try (FakeEtcd etcd = new FakeEtcd()) {
            EtcdLinkConfig config =
                    EtcdLinkConfig.builder().endpoints(etcd.endpoint()).build();
            Failing endpoints = new Failing(config.parsedEndpoints());
            LinkThreads threads = new LinkThreads(1);
            ManagedChannel channel = LinkChannel.open(config, null, new EndpointList(endpoints), threads);
            try {
                var unused = KVGrpc.newBlockingStub(channel)
                        .withWaitForReady()
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .range(RangeRequest.getDefaultInstance());
            } finally {
                channel.shutdownNow();
                threads.stop();
            }

            assertThat(endpoints.looks).hasValueGreaterThan(1);
        }
    }
}
