package org.etcdjakarta.itests.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.CampaignRequest;
import io.etcd.jetcd.api.CampaignResponse;
import io.etcd.jetcd.api.DefragmentRequest;
import io.etcd.jetcd.api.LeaderKey;
import io.etcd.jetcd.api.LeaderRequest;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.MemberAddRequest;
import io.etcd.jetcd.api.MemberPromoteRequest;
import io.etcd.jetcd.api.MemberRemoveRequest;
import io.etcd.jetcd.api.MemberUpdateRequest;
import io.etcd.jetcd.api.ProclaimRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResignRequest;
import io.etcd.jetcd.api.lock.LockRequest;
import io.etcd.jetcd.api.lock.UnlockRequest;
import java.time.Duration;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.itests.support.EtcdServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The services beside KV and Watch, and the end of leases: the same requests to a real etcd 3.5 and to the embedded one. */
class SameServicesIT {

    private static final long LEASE = 11;
    private static final long OTHER_LEASE = 12;
    private static final long NO_LEASE = 99;
    private static final long NO_MEMBER = 77;

    private final EtcdServer server = EtcdServer.builder().line("3.5").start();
    private final EmbeddedEtcd embeddedEtcd = EmbeddedEtcd.start();
    private final Peer etcd = new Peer(server.endpoint());
    private final Peer embedded = new Peer(embeddedEtcd.endpoint());

    @AfterEach
    void close() {
        etcd.close();
        embedded.close();
        embeddedEtcd.close();
        server.close();
    }

    @Test
    void locks() {
        grant(LEASE, 3_600);
        grant(OTHER_LEASE, 3_600);

        both(lock("l", LEASE));
        both(lock("l", LEASE));
        both(lock("l", NO_LEASE));
        both(lock("", OTHER_LEASE));
        both(all());
        both(unlock("l/" + Long.toHexString(LEASE)));
        both(unlock("l/" + Long.toHexString(LEASE)));
        both(unlock(""));
        both(lock("l", OTHER_LEASE));
        both(LeaseRevokeRequest.newBuilder().setID(OTHER_LEASE).build());
        both(lock("l", LEASE));
        both(all());
    }

    @Test
    void elections() {
        grant(LEASE, 3_600);

        Object won = both(campaign("e", LEASE, "first"));
        both(campaign("e", LEASE, "second"));
        both(campaign("e", NO_LEASE, "none"));
        both(LeaderRequest.newBuilder().setName(utf8("e")).build());
        both(LeaderRequest.newBuilder().setName(utf8("nobody")).build());
        LeaderKey leader = ((CampaignResponse) won).getLeader();
        both(proclaim(leader, "third"));
        both(proclaim(leader.toBuilder().setRev(1).build(), "fourth"));
        both(proclaim(leader.toBuilder().setLease(NO_LEASE).build(), "fifth"));
        both(ProclaimRequest.getDefaultInstance());
        both(all());
        both(ResignRequest.getDefaultInstance());
        both(ResignRequest.newBuilder().setLeader(leader).build());
        both(ResignRequest.newBuilder().setLeader(leader).build());
        both(LeaderRequest.newBuilder().setName(utf8("e")).build());
        both(all());
    }

    @Test
    void refusalsOfCluster() {
        both(MemberAddRequest.getDefaultInstance());
        both(MemberAddRequest.newBuilder().addPeerURLs("no url").build());
        both(MemberRemoveRequest.newBuilder().setID(NO_MEMBER).build());
        both(MemberUpdateRequest.newBuilder()
                .setID(NO_MEMBER)
                .addPeerURLs("http://127.0.0.1:1")
                .build());
        both(MemberPromoteRequest.newBuilder().setID(NO_MEMBER).build());
    }

    @Test
    void alarmsAndWhatTheyForbid() {
        both(alarm(AlarmRequest.AlarmAction.GET));
        both(alarm(AlarmRequest.AlarmAction.ACTIVATE));
        both(alarm(AlarmRequest.AlarmAction.GET));
        both(put("k", 0));
        both(LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(3_600).build());
        both(alarm(AlarmRequest.AlarmAction.DEACTIVATE));
        both(alarm(AlarmRequest.AlarmAction.DEACTIVATE));
        both(put("k", 0));
        both(DefragmentRequest.getDefaultInstance());
        both(all());
    }

    @Test
    void whatAnExpiredLeaseLeaves() {
        grant(LEASE, 1);
        both(put("a", LEASE));
        both(put("b", LEASE));
        both(put("c", 0));

        awaitOneKey(etcd);
        awaitOneKey(embedded);

        both(all());
        both(put("a", LEASE));
        both(LeaseTimeToLiveRequest.newBuilder().setID(LEASE).setKeys(true).build());
        both(LeaseKeepAliveRequest.newBuilder().setID(LEASE).build());
        both(LeaseRevokeRequest.newBuilder().setID(LEASE).build());
        grant(LEASE, 3_600);
    }

    private static void awaitOneKey(Peer peer) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> peer.answer(all()) instanceof RangeResponse answer && answer.getCount() == 1);
    }

    private Object both(Message request) {
        Object expected = etcd.answer(request);
        assertThat(embedded.answer(request))
                .as(request.getClass().getSimpleName() + " " + request)
                .isEqualTo(expected);
        return expected;
    }

    private void grant(long id, long ttl) {
        both(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build());
    }

    private static RangeRequest all() {
        return RangeRequest.newBuilder()
                .setKey(RandomRequests.OPEN_END)
                .setRangeEnd(RandomRequests.OPEN_END)
                .build();
    }

    private static PutRequest put(String key, long lease) {
        return PutRequest.newBuilder().setKey(utf8(key)).setLease(lease).build();
    }

    private static LockRequest lock(String name, long lease) {
        return LockRequest.newBuilder().setName(utf8(name)).setLease(lease).build();
    }

    private static UnlockRequest unlock(String key) {
        return UnlockRequest.newBuilder().setKey(utf8(key)).build();
    }

    private static CampaignRequest campaign(String name, long lease, String value) {
        return CampaignRequest.newBuilder()
                .setName(utf8(name))
                .setLease(lease)
                .setValue(utf8(value))
                .build();
    }

    private static ProclaimRequest proclaim(LeaderKey leader, String value) {
        return ProclaimRequest.newBuilder()
                .setLeader(leader)
                .setValue(utf8(value))
                .build();
    }

    private static AlarmRequest alarm(AlarmRequest.AlarmAction action) {
        return AlarmRequest.newBuilder()
                .setAction(action)
                .setAlarm(AlarmType.NOSPACE)
                .setMemberID(NO_MEMBER)
                .build();
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
