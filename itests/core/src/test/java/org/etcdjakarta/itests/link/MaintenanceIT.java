package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.failureOf;
import static org.etcdjakarta.itests.link.Links.get;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmType;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.EtcdMaintenance.Alarm;
import org.etcdjakarta.EtcdMaintenance.DowngradeAction;
import org.etcdjakarta.EtcdMaintenance.Snapshot;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithEtcd
class MaintenanceIT {

    private static final int NOSPACE = 1;
    private static final int CORRUPT = 2;

    private final EtcdServer etcd;
    private final EtcdLink link;
    private final EtcdMaintenance maintenance;
    private final long member;

    MaintenanceIT(EtcdServer etcd) {
        this.etcd = etcd;
        link = EtcdLink.open(config(etcd.endpoint()).build());
        maintenance = EtcdMaintenance.of(link.client().getMaintenanceClient());
        member = get(link.client().getClusterClient().listMember())
                .getMembers()
                .get(0)
                .getId();
    }

    @AfterEach
    void close() {
        get(maintenance.disarmAll());
        link.close();
    }

    // ---- alarms

    /** By the bare stub: nobody else raises an alarm on demand. */
    private void raise(int kind) {
        ManagedChannel channel = ManagedChannelBuilder.forTarget(etcd.endpoint().replace("http://", ""))
                .usePlaintext()
                .build();
        try {
            var unused = MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(GENEROUS.toSeconds(), TimeUnit.SECONDS)
                    .alarm(AlarmRequest.newBuilder()
                            .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                            .setMemberID(member)
                            .setAlarmValue(kind)
                            .build());
        } finally {
            channel.shutdownNow();
        }
    }

    private EtcdException refusedPut() {
        return failureOf(link.client().getKVClient().put(bytes("/alarm"), bytes("1")));
    }

    @Test
    void corruptMemberIsDisarmedByItsOwnKind() {
        raise(CORRUPT);
        assertThat(get(maintenance.alarms())).containsExactly(new Alarm(member, Alarm.Kind.CORRUPT));
        assertThat(refusedPut()).hasMessageContaining("corrupt");
        // What jetcd would send does not help.
        get(maintenance.alarmDisarm(new AlarmMember(member, AlarmType.NOSPACE)));
        assertThat(refusedPut()).hasMessageContaining("corrupt");
        get(maintenance.disarm(new Alarm(member, Alarm.Kind.CORRUPT)));

        assertThat(get(maintenance.alarms())).isEmpty();
        get(link.client().getKVClient().put(bytes("/alarm"), bytes("1")));
    }

    @Test
    void alarmsOfSeveralKindsAreDisarmedAtOnce() {
        raise(NOSPACE);
        raise(CORRUPT);
        assertThat(get(maintenance.listAlarms()).getAlarms()).hasSize(2);
        get(maintenance.alarmDisarm(new AlarmMember(0, AlarmType.NONE)));

        assertThat(get(maintenance.listAlarms()).getAlarms()).isEmpty();
    }

    @Test
    void fullDatabaseIsDisarmed() {
        raise(NOSPACE);
        assertThat(refusedPut()).hasMessageContaining("database space exceeded");
        get(maintenance.alarmDisarm(new AlarmMember(member, AlarmType.NOSPACE)));

        get(link.client().getKVClient().put(bytes("/alarm"), bytes("1")));
    }

    // ---- one member

    @Test
    void oneMemberAnswersForItself() {
        String withoutScheme = etcd.endpoint().replace("http://", "");
        assertThat(get(maintenance.statusMember(etcd.endpoint())).getLeader()).isEqualTo(member);
        assertThat(get(maintenance.statusMember(withoutScheme)).getDbSize()).isPositive();
        assertThat(get(maintenance.hashKV(withoutScheme, 0)).getHash()).isNotZero();
        assertThat(get(maintenance.hash(withoutScheme))).isNotZero();
        get(maintenance.defragmentMember(withoutScheme));
    }

    // ---- the cluster

    @Test
    void downgradeIsValidatedAndCancelled() {
        String version = get(link.version());
        if (version.startsWith("3.4.")) {
            EtcdException unknown = failureOf(maintenance.downgrade(DowngradeAction.VALIDATE, "3.3.0"));
            assertThat(unknown.code()).isEqualTo("ETCD-00131");
            assertThat(unknown).hasMessageContaining("3.4").hasMessageContaining("Downgrade");
            return;
        }
        assertThat(get(maintenance.downgrade(DowngradeAction.VALIDATE, "3.4.0")))
                .isEqualTo("3.5.0");
        assertThat(failureOf(maintenance.downgrade(DowngradeAction.VALIDATE, "3.3.0")))
                .hasMessageContaining("invalid downgrade target version");
        // etcd 3.5 never answers ENABLE itself, so there is nothing to cancel.
        assertThat(failureOf(maintenance.downgrade(DowngradeAction.CANCEL, "")))
                .hasMessageContaining("no inflight downgrade");
    }

    @Test
    void unknownMemberCannotLead() {
        assertThat(failureOf(maintenance.moveLeader(1)).code()).isNotEqualTo("ETCD-00133");
    }

    // ---- snapshots

    @Test
    void snapshotIsRestoredByEtcdsOwnTool(@TempDir Path folder) throws IOException {
        for (int i = 0; i < 50; i++) {
            get(link.client().getKVClient().put(bytes("/snapshot/" + i), bytes("x".repeat(50_000))));
        }
        Path file = folder.resolve("snapshot.db");
        Snapshot snapshot;
        try (OutputStream out = Files.newOutputStream(file)) {
            snapshot = get(maintenance.snapshotWithVersion(out));
        }
        assertThat(snapshot.bytes()).isEqualTo(Files.size(file)).isGreaterThan(2_500_000);
        assertThat(snapshot.version()).isEmpty();
        etcd.etcdctl("snapshot", "restore", file.toString(), "--data-dir=" + folder.resolve("restored"));
        assertThat(folder.resolve("restored/member/snap/db")).exists();

        byte[] damaged = Files.readAllBytes(file);
        damaged[damaged.length / 2] ^= 1;
        Path other = Files.write(folder.resolve("damaged.db"), damaged);
        assertThatThrownBy(() ->
                        etcd.etcdctl("snapshot", "restore", other.toString(), "--data-dir=" + folder.resolve("not")))
                .hasMessageContaining("sha256");
    }

    @Test
    void jetcdsSnapshotCountsItsBytes() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();

        assertThat(get(maintenance.snapshot(file))).isEqualTo(file.size()).isGreaterThan(4_096);
    }
}
