package org.etcdjakarta.core.link;

import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.MemberListResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Takes the endpoints from the cluster's list of members: on demand, and every so often. */
final class EndpointSync {

    private static final System.Logger LOG = System.getLogger(EndpointSync.class.getName());

    /**
     * {@code linearizable = true}, as Go's client asks: a member that was removed or cut off does not know better and would
     * name yesterday's members. jetcd's protocol is older than the field; etcd 3.4 does not know it either.
     */
    private static final MemberListRequest REQUEST = MemberListRequest.newBuilder()
            .setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build();

    private final Calls calls;
    private final EndpointList endpoints;

    EndpointSync(Calls calls, EndpointList endpoints) {
        this.calls = calls;
        this.endpoints = endpoints;
    }

    /** Goes on until the link is closed, whatever the answers are. */
    void every(Duration interval) {
        calls.later(interval, () -> {
            var unused = calls.readPart(ClusterGrpc.getMemberListMethod(), REQUEST, calls.deadline())
                    .thenApply(this::use)
                    .whenComplete((found, failure) -> {
                        if (failure != null && !calls.isClosed()) {
                            LOG.log(System.Logger.Level.DEBUG, "the endpoints stay as they are", failure);
                        }
                        every(interval);
                    });
        });
    }

    /** The endpoints in use from now on. Fails with the EtcdException family and then changes nothing. */
    CompletableFuture<List<String>> now() {
        return calls.read(ClusterGrpc.getMemberListMethod(), REQUEST).thenApply(this::use);
    }

    private List<String> use(MemberListResponse response) {
        List<Endpoint> found = usable(response.getMembersList(), calls.config().tls());
        if (found.isEmpty()) {
            throw calls.errors.noMemberUrls(response.getMembersList().stream()
                    .flatMap(member -> member.getClientURLsList().stream())
                    .toList());
        }
        endpoints.use(found);
        return Endpoint.addresses(endpoints.current());
    }

    /**
     * Learners serve no clients, and a member without name has not started yet. URLs of the other scheme are left out: a link
     * with TLS never falls to plaintext, and one without has no certificates to trust.
     */
    static List<Endpoint> usable(List<Member> members, boolean tls) {
        List<Endpoint> found = new ArrayList<>();
        for (Member member : members) {
            if (!member.getIsLearner() && !member.getName().isEmpty()) {
                for (String url : member.getClientURLsList()) {
                    Endpoint endpoint = Endpoint.ofMember(url);
                    if (endpoint != null && endpoint.tls() == tls && !found.contains(endpoint)) {
                        found.add(endpoint);
                    }
                }
            }
        }
        return found;
    }
}
