package org.etcdjakarta.core.link;

import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.Deadline;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.etcdjakarta.core.link.protocol.MemberListRequest;

/**
 * Calls to one member each, over a link of its own that lives as long as the call: it ends with the answer, when the future is
 * cancelled, and with the reference on the link that the call was made through.
 */
final class Members {

    private final SharedLink link;
    private final Calls calls;
    private final Waiting waiting;

    Members(SharedLink link, Waiting waiting) {
        this.link = link;
        calls = link.calls();
        this.waiting = waiting;
    }

    <T> CompletableFuture<T> at(String endpoint, Function<Calls, CompletableFuture<T>> call) {
        waiting.checkOpen();
        SharedLink member = link.member(endpoint);
        CompletableFuture<T> answer;
        try {
            answer = call.apply(member.calls());
        } catch (RuntimeException e) {
            member.release();
            throw e;
        }
        var unused = answer.whenComplete((value, failure) -> member.release());
        return waiting.guard(answer);
    }

    /**
     * The endpoint of the member that leads. The configured ones are asked first, all at once: they can be reached from here,
     * which cannot be said of the addresses that members give themselves. Those come into it when the leader is none of the
     * configured ones. An SRV name is no address of one member, so it is not asked.
     */
    CompletableFuture<String> leader(Deadline deadline) {
        // One that is away must not take the time for the others.
        Deadline first = Deadline.after(deadline.timeRemaining(TimeUnit.NANOSECONDS) / 4, TimeUnit.NANOSECONDS);
        List<CompletableFuture<String>> configured = calls.config().parsedEndpoints().stream()
                .filter(endpoint -> !endpoint.isService())
                .map(Endpoint::toString)
                .map(endpoint -> at(endpoint, member -> status(member, first)).thenApply(answer -> {
                    if (answer.getLeader() == 0
                            || answer.getLeader() != answer.getHeader().getMemberId()) {
                        throw nobody(endpoint + " does not lead");
                    }
                    return endpoint;
                }))
                .toList();
        CompletableFuture<String> found = configured.isEmpty()
                ? advertised(deadline)
                : firstOf(configured).exceptionallyCompose(none -> advertised(deadline));
        return found.exceptionallyCompose(failure -> CompletableFuture.failedFuture(nobody(
                "the leader was not found: " + LinkErrors.unwrapped(failure).getMessage())));
    }

    private CompletableFuture<String> advertised(Deadline deadline) {
        return status(calls, deadline).thenCompose(status -> calls.readPart(
                        EtcdMethods.MEMBER_LIST, MemberListRequest.getDefaultInstance(), deadline)
                .thenApply(list -> list.getMembersList().stream()
                        .filter(member -> member.getID() == status.getLeader())
                        .map(Member::getClientURLsList)
                        .flatMap(List::stream)
                        .flatMap(url -> Stream.ofNullable(Endpoint.ofMember(url)))
                        // Password and token never go to an address without TLS when the link has it.
                        .filter(endpoint -> endpoint.tls() == calls.config().tls())
                        .map(Endpoint::toString)
                        .findFirst()
                        .orElseThrow(() -> nobody("no leader among " + list.getMembersCount() + " members"))));
    }

    private static CompletableFuture<StatusResponse> status(Calls at, Deadline deadline) {
        return at.readPart(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance(), deadline);
    }

    private RuntimeException nobody(String what) {
        return calls.errors.of(
                MaintenanceGrpc.getMoveLeaderMethod(), Status.UNAVAILABLE.withDescription(what), true, false);
    }

    /** The first that succeeds; fails when all have failed. There must be one. */
    private static <T> CompletableFuture<T> firstOf(List<CompletableFuture<T>> tries) {
        CompletableFuture<T> first = new CompletableFuture<>();
        var seen = tries.stream()
                .map(attempt -> attempt.thenAccept(first::complete))
                .toArray(CompletableFuture<?>[]::new);
        var unused = CompletableFuture.allOf(seen).whenComplete((all, failure) -> {
            if (failure != null) {
                first.completeExceptionally(failure);
            }
        });
        return first;
    }
}
