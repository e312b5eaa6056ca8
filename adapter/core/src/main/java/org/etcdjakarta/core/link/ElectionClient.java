package org.etcdjakarta.core.link;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.api.CampaignRequest;
import io.etcd.jetcd.api.ElectionGrpc;
import io.etcd.jetcd.api.LeaderRequest;
import io.etcd.jetcd.api.ProclaimRequest;
import io.etcd.jetcd.api.ResignRequest;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import io.etcd.jetcd.election.NotLeaderException;
import io.etcd.jetcd.election.ProclaimResponse;
import io.etcd.jetcd.election.ResignResponse;
import io.etcd.jetcd.support.Util;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.etcdjakarta.EtcdException;

/**
 * jetcd's {@link Election}. {@code campaign} waits at etcd until elected, without a time limit; cancelling the future gives up
 * the candidacy, and so does the end of the reference on the link that it was asked through. "No
 * leader" and "not leader" are jetcd's own exception types.
 *
 * <p>It stays on etcd's own election service, for the reason that {@link LockClient} gives.
 */
final class ElectionClient implements Election {

    private final Calls calls;
    private final Waiting waiting;
    private final ByteSequence namespace;
    private final Set<LeaderObservation> observations = ConcurrentHashMap.newKeySet();

    ElectionClient(Calls calls, Waiting waiting, ByteSequence namespace) {
        this.calls = calls;
        this.waiting = waiting;
        this.namespace = namespace;
    }

    @Override
    public CompletableFuture<CampaignResponse> campaign(
            ByteSequence electionName, long leaseId, ByteSequence proposal) {
        CampaignRequest request = CampaignRequest.newBuilder()
                .setName(Util.prefixNamespace(electionName, namespace))
                .setLease(leaseId)
                .setValue(bytes(proposal))
                .build();
        return waiting.await(ElectionGrpc.getCampaignMethod(), request, CampaignResponse::new);
    }

    @Override
    public CompletableFuture<ProclaimResponse> proclaim(LeaderKey leaderKey, ByteSequence proposal) {
        ProclaimRequest request = ProclaimRequest.newBuilder()
                .setLeader(message(leaderKey))
                .setValue(bytes(proposal))
                .build();
        return asJetcd(calls.write(ElectionGrpc.getProclaimMethod(), request).thenApply(ProclaimResponse::new));
    }

    @Override
    public CompletableFuture<LeaderResponse> leader(ByteSequence electionName) {
        return asJetcd(calls.read(ElectionGrpc.getLeaderMethod(), leaderRequest(electionName))
                .thenApply(response -> new LeaderResponse(response, namespace)));
    }

    private LeaderRequest leaderRequest(ByteSequence electionName) {
        return LeaderRequest.newBuilder()
                .setName(Util.prefixNamespace(electionName, namespace))
                .build();
    }

    /** Goes on through interruptions, until this reference on the link is closed. */
    @Override
    public void observe(ByteSequence electionName, Listener listener) {
        waiting.checkOpen();
        var observation = new LeaderObservation(calls, leaderRequest(electionName), namespace, listener, observations);
        observation.start();
        if (waiting.isClosed()) {
            // The end of the reference may have looked at the set just before.
            observation.close();
        }
    }

    @Override
    public CompletableFuture<ResignResponse> resign(LeaderKey leaderKey) {
        ResignRequest request =
                ResignRequest.newBuilder().setLeader(message(leaderKey)).build();
        return asJetcd(calls.write(ElectionGrpc.getResignMethod(), request).thenApply(ResignResponse::new));
    }

    /** That nobody leads, or somebody else, is an answer more than a failure: jetcd's own types say it, ours is their cause. */
    private static <T> CompletableFuture<T> asJetcd(CompletableFuture<T> answer) {
        return answer.exceptionallyCompose(failure -> {
            Throwable cause = LinkErrors.unwrapped(failure);
            if (cause instanceof EtcdException ours && ours.code().equals(LinkErrors.NO_LEADER)) {
                cause = new NoLeaderException().initCause(ours);
            } else if (cause instanceof EtcdException ours && ours.code().equals(LinkErrors.LEADERSHIP_LOST)) {
                cause = new NotLeaderException().initCause(ours);
            }
            return CompletableFuture.failedFuture(cause);
        });
    }

    /** The key of a campaign's answer is the physical one, and so it goes back. */
    private static io.etcd.jetcd.api.LeaderKey message(LeaderKey leaderKey) {
        return io.etcd.jetcd.api.LeaderKey.newBuilder()
                .setName(bytes(leaderKey.getName()))
                .setKey(bytes(leaderKey.getKey()))
                .setRev(leaderKey.getRevision())
                .setLease(leaderKey.getLease())
                .build();
    }

    private static ByteString bytes(ByteSequence sequence) {
        return ByteString.copyFrom(sequence.getBytes());
    }

    /** Ends the observations begun here. */
    @Override
    public void close() {
        observations.forEach(LeaderObservation::close);
    }
}
