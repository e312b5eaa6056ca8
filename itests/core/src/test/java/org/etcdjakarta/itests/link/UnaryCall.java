package org.etcdjakarta.itests.link;

import static org.etcdjakarta.itests.link.Links.bytes;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmType;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdCluster;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.EtcdMaintenance.DowngradeAction;

/**
 * Every call of jetcd's interfaces and ours that etcd answers at once. A call may take effect after the fault: what it then changes harms
 * nothing (an unknown member or user, an authentication that stays off).
 *
 * @param method as the error names it
 * @param write whether a lost answer leaves it in doubt
 * @param alone goes to one member over a connection of its own, so it does not leave when that is silent
 */
record UnaryCall(String method, boolean write, boolean alone, Function<Client, CompletableFuture<?>> start) {

    private static final ByteSequence KEY = bytes("/unary");
    private static final ByteSequence NAME = bytes("nobody");
    private static final long UNKNOWN = 0x1234;
    private static final long CHOSEN = 0x4321;

    static List<UnaryCall> all(String endpoint) {
        LeaderKey leadership = new LeaderKey(KEY, bytes("/unary/1"), 1, UNKNOWN);
        return List.of(
                read("Range", client -> client.getKVClient().get(KEY)),
                write("Put", client -> client.getKVClient().put(KEY, KEY)),
                write("DeleteRange", client -> client.getKVClient().delete(KEY)),
                write("Txn", client -> client.getKVClient()
                        .txn()
                        .Then(Op.put(KEY, KEY, PutOption.DEFAULT))
                        .commit()),
                write("Compact", client -> client.getKVClient().compact(1)),
                write("LeaseGrant", client -> client.getLeaseClient().grant(60)),
                write("LeaseGrant", client -> EtcdLease.of(client.getLeaseClient())
                        .grantWithId(60, CHOSEN)),
                read("LeaseLeases", client -> EtcdLease.of(client.getLeaseClient())
                        .leases()),
                write("LeaseRevoke", client -> client.getLeaseClient().revoke(UNKNOWN)),
                read("LeaseTimeToLive", client -> client.getLeaseClient().timeToLive(UNKNOWN, LeaseOption.DEFAULT)),
                read("LeaseKeepAlive", client -> client.getLeaseClient().keepAliveOnce(UNKNOWN)),
                write("Unlock", client -> client.getLockClient().unlock(KEY)),
                read("Leader", client -> client.getElectionClient().leader(KEY)),
                write("Proclaim", client -> client.getElectionClient().proclaim(leadership, KEY)),
                write("Resign", client -> client.getElectionClient().resign(leadership)),
                read("MemberList", client -> client.getClusterClient().listMember()),
                read("MemberList", client -> EtcdCluster.of(client.getClusterClient())
                        .listMember(false)),
                write("MemberAdd", client -> client.getClusterClient().addMember(List.of(URI.create("nowhere")))),
                write("MemberUpdate", client -> client.getClusterClient()
                        .updateMember(UNKNOWN, List.of(URI.create("http://127.0.0.1:1")))),
                write("MemberRemove", client -> client.getClusterClient().removeMember(UNKNOWN)),
                write("MemberPromote", client -> client.getClusterClient().promoteMember(UNKNOWN)),
                write("AuthEnable", client -> client.getAuthClient().authEnable()),
                write("AuthDisable", client -> client.getAuthClient().authDisable()),
                write("UserAdd", client -> client.getAuthClient().userAdd(NAME, NAME)),
                write("UserAdd", client -> EtcdAuth.of(client.getAuthClient()).userAddWithoutPassword(NAME)),
                read("AuthStatus", client -> EtcdAuth.of(client.getAuthClient()).status()),
                write("UserDelete", client -> client.getAuthClient().userDelete(NAME)),
                write("UserChangePassword", client -> client.getAuthClient().userChangePassword(NAME, NAME)),
                read("UserGet", client -> client.getAuthClient().userGet(NAME)),
                read("UserList", client -> client.getAuthClient().userList()),
                write("UserGrantRole", client -> client.getAuthClient().userGrantRole(NAME, NAME)),
                write("UserRevokeRole", client -> client.getAuthClient().userRevokeRole(NAME, NAME)),
                write("RoleAdd", client -> client.getAuthClient().roleAdd(NAME)),
                write("RoleGrantPermission", client -> client.getAuthClient()
                        .roleGrantPermission(NAME, KEY, KEY, Permission.Type.READ)),
                read("RoleGet", client -> client.getAuthClient().roleGet(NAME)),
                read("RoleList", client -> client.getAuthClient().roleList()),
                write("RoleRevokePermission", client -> client.getAuthClient().roleRevokePermission(NAME, KEY, KEY)),
                write("RoleDelete", client -> client.getAuthClient().roleDelete(NAME)),
                read("Alarm", client -> client.getMaintenanceClient().listAlarms()),
                write("Alarm", client -> client.getMaintenanceClient()
                        .alarmDisarm(new AlarmMember(UNKNOWN, AlarmType.NOSPACE))),
                alone("Status", false, client -> client.getMaintenanceClient().statusMember(endpoint)),
                alone("HashKV", false, client -> client.getMaintenanceClient().hashKV(endpoint, 0)),
                read("Alarm", client -> EtcdMaintenance.of(client.getMaintenanceClient())
                        .alarms()),
                alone("Hash", false, client -> EtcdMaintenance.of(client.getMaintenanceClient())
                        .hash(endpoint)),
                read("Downgrade", client -> EtcdMaintenance.of(client.getMaintenanceClient())
                        .downgrade(DowngradeAction.VALIDATE, "3.4.0")),
                alone("MoveLeader", true, client -> EtcdMaintenance.of(client.getMaintenanceClient())
                        .moveLeader(endpoint, UNKNOWN)));
    }

    private static UnaryCall read(String method, Function<Client, CompletableFuture<?>> start) {
        return new UnaryCall(method, false, false, start);
    }

    private static UnaryCall write(String method, Function<Client, CompletableFuture<?>> start) {
        return new UnaryCall(method, true, false, start);
    }

    private static UnaryCall alone(String method, boolean write, Function<Client, CompletableFuture<?>> start) {
        return new UnaryCall(method, write, true, start);
    }
}
