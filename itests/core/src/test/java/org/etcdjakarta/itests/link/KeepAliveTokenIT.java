package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthUserListRequest;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.options.PutOption;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;

/** Leases of a user whose token lives for a second. */
@WithEtcd(flags = "--auth-token-ttl=1")
class KeepAliveTokenIT {

    private static final Duration LONGER_THAN_A_TOKEN = Duration.ofMillis(2_500);

    private final EtcdServer etcd;

    KeepAliveTokenIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @Test
    void keepAliveOutlivesTheTokenItBeganWithAndTheStreamItBeganOn() {
        enableAuthentication();
        try (EtcdLink link = EtcdLink.open(
                config(etcd.endpoint()).user("root").password("r".toCharArray()).build())) {
            EtcdLease lease = EtcdLease.of(link.client().getLeaseClient());
            EtcdAuth auth = EtcdAuth.of(link.client().getAuthClient());
            List<Long> ttls = new CopyOnWriteArrayList<>();
            List<Throwable> errors = new CopyOnWriteArrayList<>();
            long id = get(lease.grant(6)).getID();
            get(link.client()
                    .getKVClient()
                    .put(
                            bytes("/kept"),
                            bytes("1"),
                            PutOption.builder().withLeaseId(id).build()));
            String token = get(auth.authenticate(bytes("root"), bytes("r")));
            var unused = lease.keepAlive(id, new StreamObserver<LeaseKeepAliveResponse>() {
                @Override
                public void onNext(LeaseKeepAliveResponse answer) {
                    ttls.add(answer.getTTL());
                }

                @Override
                public void onError(Throwable failure) {
                    errors.add(failure);
                }

                @Override
                public void onCompleted() {}
            });
            // A look at a token makes it live on, so it is looked at more rarely than that takes.
            await().pollInterval(LONGER_THAN_A_TOKEN).atMost(GENEROUS).until(() -> isRefused(token));
            int before = ttls.size();
            // Two seconds each: longer than the lease lives by itself.
            await().atMost(GENEROUS).until(() -> ttls.size() >= before + 4);
            assertThat(get(lease.keepAliveOnce(id)).getTTL()).isEqualTo(6);

            // etcd forgets the token altogether, and the stream has to begin anew.
            etcd.kill();
            etcd.restart();
            int after = ttls.size();
            await().atMost(GENEROUS).until(() -> ttls.size() >= after + 4);
            assertThat(get(lease.keepAliveOnce(id)).getTTL()).isEqualTo(6);
            assertThat(get(link.client().getKVClient().get(bytes("/kept"))).getCount())
                    .isEqualTo(1);
            assertThat(errors).isEmpty();
        }
    }

    private void enableAuthentication() {
        try (EtcdLink link = EtcdLink.open(config(etcd.endpoint()).build())) {
            EtcdAuth auth = EtcdAuth.of(link.client().getAuthClient());
            get(auth.roleAdd(bytes("root")));
            get(auth.userAdd(bytes("root"), bytes("r")));
            get(auth.userGrantRole(bytes("root"), bytes("root")));
            get(auth.authEnable());
        }
    }

    /** Asked by other means, because the link would renew it. */
    private boolean isRefused(String token) {
        ManagedChannel channel = ManagedChannelBuilder.forTarget(etcd.endpoint().replace("http://", ""))
                .usePlaintext()
                .build();
        try {
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), token);
            var stub = AuthGrpc.newBlockingStub(
                    ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)));
            var unused = stub.userList(AuthUserListRequest.getDefaultInstance());
            return false;
        } catch (StatusRuntimeException e) {
            return String.valueOf(e.getMessage()).contains("invalid auth token");
        } finally {
            channel.shutdownNow();
        }
    }
}
