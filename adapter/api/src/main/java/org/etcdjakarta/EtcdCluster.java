package org.etcdjakarta;

import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.cluster.MemberListResponse;
import java.util.concurrent.CompletableFuture;

/**
 * Membership: jetcd's calls (list, add, add as learner, promote, update, remove), and a list that is certain to be the present
 * one. No call blocks; futures complete within the request timeout, and fail with an {@link EtcdException}. Nothing here
 * takes part in a transaction.
 *
 * @see <a href="https://etcd.io/docs/v3.5/op-guide/runtime-configuration/">etcd, runtime reconfiguration</a>
 */
public interface EtcdCluster extends Cluster {

    /**
     * The same object, with the calls of this interface.
     *
     * @param cluster from an {@link EtcdConnection}, injected, or from the link's client
     * @return the same object
     * @throws IllegalArgumentException when it is an implementation that does not have these calls, such as jetcd's own
     */
    static EtcdCluster of(Cluster cluster) {
        return Extensions.cast(EtcdCluster.class, cluster);
    }

    /**
     * The members of the cluster.
     *
     * @param linearizable true for the list that the majority has agreed on, which needs a majority; false for what the member
     *     that answers knows, as jetcd's {@code listMember()}. etcd 3.4 always answers with what it knows
     * @return the members
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Cluster">Go's clientv3, Cluster.MemberList</a>
     */
    CompletableFuture<MemberListResponse> listMember(boolean linearizable);
}
