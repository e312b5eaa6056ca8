package org.etcdjakarta;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.auth.AuthUserAddResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * Users, roles and permissions: jetcd's calls, and those of etcd that jetcd has no word for. Keys of permissions are the
 * cluster's, whatever the namespace of the client. No call blocks; futures complete within the request timeout, and fail with
 * an {@link EtcdException}. Nothing here takes part in a transaction.
 *
 * @see <a href="https://etcd.io/docs/v3.5/op-guide/authentication/rbac/">etcd, role-based access control</a>
 */
public interface EtcdAuth extends Auth {

    /** As the end of a permission's range: all keys from its key on. */
    ByteSequence END_OF_KEYS = ByteSequence.from("\0", StandardCharsets.UTF_8);

    /** As the end of a permission's range: its key alone. */
    ByteSequence SINGLE_KEY = ByteSequence.EMPTY;

    /**
     * The same object, with the calls of this interface.
     *
     * @param auth from an {@link EtcdConnection}, injected, or from the link's client
     * @return the same object
     * @throws IllegalArgumentException when it is an implementation that does not have these calls, such as jetcd's own
     */
    static EtcdAuth of(Auth auth) {
        return Extensions.cast(EtcdAuth.class, auth);
    }

    /**
     * The end of the range of all keys with this prefix, for {@code roleGrantPermission} and {@code roleRevokePermission}.
     *
     * @param prefix the beginning of the keys
     * @return the first key behind them, as {@link EtcdOptions#prefixEnd}
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#GetPrefixRangeEnd">Go's clientv3, GetPrefixRangeEnd</a>
     */
    static ByteSequence endOfPrefix(ByteSequence prefix) {
        return EtcdOptions.prefixEnd(prefix);
    }

    /**
     * Whether the cluster asks for users.
     *
     * @return the state. Fails with code ETCD-00131 on etcd 3.4, which has no such call
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Auth">Go's clientv3, Auth.AuthStatus</a>
     */
    CompletableFuture<Status> status();

    /**
     * Adds a user that has no password and can only log in by the common name of a client certificate.
     *
     * @param user the name, not empty
     * @return etcd's answer
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Auth">Go's clientv3, Auth.UserAddWithOptions(NoPassword)</a>
     */
    CompletableFuture<AuthUserAddResponse> userAddWithoutPassword(ByteSequence user);

    /**
     * Checks a name and its password and returns a token, which goes into the header {@code token} of calls by other means. The
     * token of the client itself is neither used nor replaced.
     *
     * @param user the name
     * @param password its password
     * @return the token. Fails with {@link EtcdAccessException} when etcd does not accept the two, and with another
     *     {@link EtcdException} when the cluster does not ask for users
     * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#Auth">Go's clientv3, Auth.Authenticate</a>
     */
    CompletableFuture<String> authenticate(ByteSequence user, ByteSequence password);

    /**
     * The state of authentication.
     *
     * @param enabled true when the cluster asks for users
     * @param revision grows with every change of users, roles and permissions
     */
    record Status(boolean enabled, long revision) {}
}
