package org.etcdjakarta.itests.jetcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmType;
import io.etcd.jetcd.maintenance.SnapshotResponse;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** {@link Cluster} and {@link Maintenance}. */
final class AdminPrograms {

    private AdminPrograms() {}

    static void cluster(Client client, Transcript t) throws Exception {
        Cluster cluster = client.getClusterClient();
        Member only = t.result("list", () -> cluster.listMember()).getMembers().get(0);
        t.call("update", () -> cluster.updateMember(only.getId(), only.getPeerURIs()));
        t.call("updateOfNone", () -> cluster.updateMember(1, only.getPeerURIs()));
        t.call("removeOfNone", () -> cluster.removeMember(1));
        t.call("promoteOfNone", () -> cluster.promoteMember(1));
        t.call("promoteNoLearner", () -> cluster.promoteMember(only.getId()));
        t.call("addTwice", () -> cluster.addMember(only.getPeerURIs(), true));
        // A learner has no vote: the cluster of one goes on without it.
        // etcd numbers a member by its address and the second, and takes no number again that was removed: two clients
        // within a
        // second need two addresses.
        int any = ThreadLocalRandom.current().nextInt(1 << 16);
        List<URI> nowhere = List.of(URI.create("http://127.1." + (any >> 8) + "." + (any & 0xff) + ":1"));
        long learner = cluster.addMember(nowhere, true).get().getMember().getId();
        t.write(
                "learner",
                cluster.listMember().get().getMembers().stream()
                        .filter(Member::isLearner)
                        .map(Member::getName)
                        .toList());
        t.call("promoteTooEarly", () -> cluster.promoteMember(learner));
        t.call("remove", () -> cluster.removeMember(learner));
    }

    static void maintenance(Client client, Transcript t) throws Exception {
        Maintenance maintenance = client.getMaintenanceClient();
        Member member =
                client.getClusterClient().listMember().get().getMembers().get(0);
        String endpoint = member.getClientURIs().get(0).toString();
        t.call("status", () -> maintenance.statusMember(endpoint));
        t.call("hash", () -> maintenance.hashKV(endpoint, 0));
        t.call("hashOfTheFuture", () -> maintenance.hashKV(endpoint, t.revision(1000)));
        t.call("alarms", maintenance::listAlarms);
        t.call("disarm", () -> maintenance.alarmDisarm(new AlarmMember(member.getId(), AlarmType.NOSPACE)));
        t.call("defragment", () -> maintenance.defragmentMember(endpoint));
        t.call("moveToNobody", () -> maintenance.moveLeader(1));
        t.call("moveToItself", () -> maintenance.moveLeader(member.getId()));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        long bytes = maintenance.snapshot(file).get();
        t.write("snapshotComplete", bytes == file.size() && bytes > 4_096);

        // etcd 3.4 sends an empty part after the last one, so parts are not counted.
        AtomicLong remaining = new AtomicLong(-1);
        BlockingQueue<Object> end = new LinkedBlockingQueue<>();
        maintenance.snapshot(new StreamObserver<SnapshotResponse>() {
            @Override
            public void onNext(SnapshotResponse part) {
                remaining.set(part.getRemainingBytes());
            }

            @Override
            public void onError(Throwable failure) {
                end.add(failure);
            }

            @Override
            public void onCompleted() {
                end.add("completed, remaining " + remaining);
            }
        });
        t.next("streamed", end);
    }
}
