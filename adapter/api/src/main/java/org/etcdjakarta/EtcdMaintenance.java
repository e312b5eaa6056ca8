package org.etcdjakarta;

import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmResponse;
import io.etcd.jetcd.maintenance.MoveLeaderResponse;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Status, alarms, defragmentation, snapshots: jetcd's calls, and those of etcd that jetcd has no word for. No call blocks;
 * futures complete within the request timeout unless said otherwise, and fail with an {@link EtcdException}. Calls to one
 * member open a connection to it that is closed with the call. Nothing here takes part in a transaction.
 *
 * @see <a href="https://etcd.io/docs/v3.5/op-guide/maintenance/">etcd, maintenance</a>
 */
public interface EtcdMaintenance extends Maintenance {

    /**
     * The same object, with the calls of this interface.
     *
     * @param maintenance from an {@link EtcdConnection}, injected, or from the link's client
     * @return the same object
     * @throws IllegalArgumentException when it is an implementation that does not have these calls, such as jetcd's own
     */
    static EtcdMaintenance of(Maintenance maintenance) {
        return Extensions.cast(EtcdMaintenance.class, maintenance);
    }

    /**
     * The alarms that are on, of all members.
     *
     * @return one for each alarm, unmodifiable
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Maintenance">Go's clientv3, Maintenance.AlarmList</a>
     */
    CompletableFuture<List<Alarm>> alarms();

    /**
     * Takes one alarm back. Its reason has to be mended before; else it comes again.
     *
     * @param alarm the member and what it is about
     * @return the alarm that was taken back; nothing when it was not on
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Maintenance">Go's clientv3, Maintenance.AlarmDisarm</a>
     */
    CompletableFuture<List<Alarm>> disarm(Alarm alarm);

    /**
     * Takes all alarms back, one after the other, as Go's {@code AlarmDisarm} of an empty alarm.
     *
     * @return the alarms that were taken back
     */
    CompletableFuture<List<Alarm>> disarmAll();

    /**
     * Takes the alarm of a member back, of the kind that it says; jetcd's own always sends NOSPACE. CORRUPT, for which jetcd has
     * no name, is {@code UNRECOGNIZED}, as in {@code listAlarms()}.
     *
     * @param member member and kind; 0 and NONE take all alarms back
     * @return the alarms that were taken back
     * @throws IllegalArgumentException when only one of the two is 0 or NONE
     */
    @Override
    CompletableFuture<AlarmResponse> alarmDisarm(AlarmMember member);

    /**
     * The hash of a member's whole database, for tests: unlike {@code hashKV} it covers what differs between healthy members.
     *
     * @param endpoint the member, {@code host:port} with or without scheme
     * @return the hash, CRC-32
     */
    CompletableFuture<Integer> hash(String endpoint);

    /**
     * Writes a snapshot of the database of one member, which {@code etcdutl snapshot restore} takes. Parts are asked for as
     * the stream takes them, so a slow stream costs no memory; it is written to on threads of the link that may block, and is
     * neither flushed nor closed. There is no time limit, except for the first part, which has to come within the request
     * timeout; cancelling the future ends it.
     *
     * @param outputStream takes the bytes: the database and its SHA-256, which is compared on the way
     * @return what was written. When it fails the bytes are no snapshot, and are to be thrown away: the answer's
     *     {@link EtcdException} has the stream's exception as cause when it was that which failed
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Maintenance">Go's clientv3, SnapshotWithVersion</a>
     */
    CompletableFuture<Snapshot> snapshotWithVersion(OutputStream outputStream);

    /**
     * Makes another member the leader. The request goes to the member that leads now, whichever endpoints are configured: it is
     * found by its status.
     *
     * @param transfereeId the id of the member that is to lead
     * @return etcd's answer when the new leader leads
     */
    @Override
    CompletableFuture<MoveLeaderResponse> moveLeader(long transfereeId);

    /**
     * Makes another member the leader, asked for at one member. Go's client does it so.
     *
     * @param endpoint the member that leads now, {@code host:port} with or without scheme
     * @param transfereeId the id of the member that is to lead
     * @return etcd's answer when the new leader leads. Fails with code ETCD-00133 when the endpoint's member does not lead
     */
    CompletableFuture<MoveLeaderResponse> moveLeader(String endpoint, long transfereeId);

    /**
     * Prepares, or no longer prepares, the cluster for members of the minor version before. etcd does it since 3.6; etcd 3.5
     * only validates, and answers ENABLE with a timeout.
     *
     * @param action what to do
     * @param version the version to go down to, as {@code 3.4} or {@code 3.4.0}; ignored by CANCEL
     * @return the cluster's version. Fails with code ETCD-00131 on etcd 3.4, which has no such call, and with another
     *     {@link EtcdException} when etcd refuses
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Maintenance">Go's clientv3, Maintenance.Downgrade</a>
     */
    CompletableFuture<String> downgrade(DowngradeAction action, String version);

    /**
     * One alarm of one member.
     *
     * @param memberId the member's id
     * @param kind what it is about
     */
    record Alarm(long memberId, Kind kind) {

        /** What an alarm is about. */
        public enum Kind {
            /** The database has reached its quota: nothing can be written. */
            NOSPACE,
            /** The members' databases differ: nothing can be read or written. */
            CORRUPT
        }
    }

    /**
     * A snapshot that was written completely.
     *
     * @param bytes how many, with the 32 of the SHA-256
     * @param version etcd's version of the database's format, as {@code 3.6.0}; empty before etcd 3.6
     */
    record Snapshot(long bytes, Optional<String> version) {}

    /** What to do about a downgrade. */
    enum DowngradeAction {
        /** Only say whether it would be possible. */
        VALIDATE,
        /** Prepare it. */
        ENABLE,
        /** Take it back. */
        CANCEL
    }
}
