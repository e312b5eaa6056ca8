package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.util.List;
import org.etcdjakarta.embedded.protocol.LeaseLeasesRequest;
import org.etcdjakarta.embedded.protocol.LeaseLeasesResponse;
import org.etcdjakarta.embedded.protocol.LeaseStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseListTest {

    private final Embedded embedded = new Embedded();

    @AfterEach
    void close() {
        embedded.close();
    }

    @Test
    void leasesAreListedInTheOrderOfTheirEnd() {
        long late = embedded.grant(60);
        long early = embedded.grant(10);
        long gone = embedded.grant(5);
        var unused = embedded.lease.leaseRevoke(
                LeaseRevokeRequest.newBuilder().setID(gone).build());

        assertThat(leases()).containsExactly(early, late);
    }

    private List<Long> leases() {
        LeaseLeasesResponse answer = ClientCalls.blockingUnaryCall(
                embedded.channel,
                EtcdMethods.LEASE_LEASES,
                CallOptions.DEFAULT,
                LeaseLeasesRequest.getDefaultInstance());
        assertThat(answer.getHeader().getRevision()).isOne();
        return answer.getLeasesList().stream().map(LeaseStatus::getID).toList();
    }
}
