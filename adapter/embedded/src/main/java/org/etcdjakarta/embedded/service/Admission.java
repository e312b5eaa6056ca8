package org.etcdjakarta.embedded.service;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.Permission;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.etcdjakarta.embedded.auth.AuthState;
import org.etcdjakarta.embedded.auth.AuthStatus;
import org.etcdjakarta.embedded.auth.Callers;
import org.etcdjakarta.embedded.auth.Tokens;
import org.etcdjakarta.embedded.store.KeyRange;
import org.etcdjakarta.embedded.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * What a request must pass: its caller's token, the alarms, the permissions. To be called under the store's lock, together with
 * what it lets through. Who has no token is nobody; nobody may still do what etcd 3.5 forgets to forbid: grant and list leases,
 * raise alarms, compact. Unlike 3.5.16, but like the later ones of its line, it looks into nested Txns.
 */
public final class Admission {

    private final Store store;
    private final Tokens tokens;
    private final Alarms alarms;

    public Admission(Store store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
        this.alarms = new Alarms(store);
    }

    /** Null for nobody, and for everybody while authentication is not enabled. */
    private @Nullable String caller() {
        String token = Callers.token();
        if (!store.auth().enabled() || token == null) {
            return null;
        }
        String user = tokens.user(token);
        if (user == null) {
            throw AuthStatus.invalidToken();
        }
        return user;
    }

    // ---- keys ----

    void range(RangeRequest request) {
        read(caller(), request.getKey(), request.getRangeEnd());
    }

    void put(PutRequest request) {
        String caller = caller();
        alarms.refuseGrowth();
        put(caller, request);
    }

    void deleteRange(DeleteRangeRequest request) {
        String caller = caller();
        alarms.refuseChange();
        delete(caller, request);
    }

    void txn(TxnRequest request) {
        String caller = caller();
        alarms.refuse(request);
        txn(caller, request);
    }

    void compact() {
        authenticated();
        alarms.refuseChange();
    }

    private void txn(@Nullable String caller, TxnRequest request) {
        for (Compare compare : request.getCompareList()) {
            read(caller, compare.getKey(), compare.getRangeEnd());
        }
        operations(caller, request.getSuccessList());
        operations(caller, request.getFailureList());
    }

    private void operations(@Nullable String caller, List<RequestOp> operations) {
        for (RequestOp operation : operations) {
            switch (operation.getRequestCase()) {
                case REQUEST_RANGE ->
                    read(
                            caller,
                            operation.getRequestRange().getKey(),
                            operation.getRequestRange().getRangeEnd());
                case REQUEST_PUT -> put(caller, operation.getRequestPut());
                case REQUEST_DELETE_RANGE -> delete(caller, operation.getRequestDeleteRange());
                case REQUEST_TXN -> txn(caller, operation.getRequestTxn());
                case REQUEST_NOT_SET -> {
                    // Refused elsewhere.
                }
            }
        }
    }

    private void put(@Nullable String caller, PutRequest request) {
        write(caller, request.getKey(), ByteString.EMPTY);
        attach(caller, request.getLease());
        if (request.getPrevKv()) {
            read(caller, request.getKey(), ByteString.EMPTY);
        }
    }

    private void delete(@Nullable String caller, DeleteRangeRequest request) {
        write(caller, request.getKey(), request.getRangeEnd());
        if (request.getPrevKv()) {
            read(caller, request.getKey(), request.getRangeEnd());
        }
    }

    // ---- leases and watches ----

    void leaseGrant() {
        authenticated();
        alarms.refuseGrowth();
    }

    void leaseRevoke(long lease) {
        String caller = caller();
        alarms.refuseChange();
        attach(caller, lease);
    }

    /** Who could end a lease could delete its keys, so he must be allowed to write all of them. */
    private void attach(@Nullable String caller, long lease) {
        if (lease != 0 && store.auth().enabled()) {
            store.keysOf(lease).forEach(key -> write(caller, key, ByteString.EMPTY));
        }
    }

    /** Of the names of the keys that hang on the lease. */
    void leaseKeys(long lease) {
        String caller = caller();
        if (store.auth().enabled() && caller == null) {
            throw AuthStatus.userEmpty();
        }
        store.keysOf(lease).forEach(key -> read(caller, key, ByteString.EMPTY));
    }

    void watch(KeyRange range) {
        read(caller(), range.key(), range.end());
    }

    private void read(@Nullable String caller, ByteString key, ByteString end) {
        permit(caller, key, end, Permission.Type.READ);
    }

    private void write(@Nullable String caller, ByteString key, ByteString end) {
        permit(caller, key, end, Permission.Type.WRITE);
    }

    private void permit(@Nullable String caller, ByteString key, ByteString end, Permission.Type wanted) {
        AuthState auth = store.auth();
        if (!auth.enabled()) {
            return;
        }
        if (caller == null) {
            throw AuthStatus.userEmpty();
        }
        if (!auth.permits(caller, key, end, wanted)) {
            throw AuthStatus.denied();
        }
    }

    // ---- administration ----

    /** Anybody, but nobody with a token that is not valid. */
    void authenticated() {
        var unused = caller();
    }

    /** Changes of members, users and roles. */
    void administer() {
        AuthState auth = store.auth();
        String caller = caller();
        if (!auth.enabled()) {
            return;
        }
        if (caller == null) {
            throw AuthStatus.userEmpty();
        }
        if (!auth.isRoot(caller)) {
            throw AuthStatus.denied();
        }
    }

    /** Looking into the member. */
    void maintain() {
        try {
            administer();
        } catch (StatusRuntimeException refused) {
            throw AuthStatus.untranslated(refused);
        }
    }

    /** Everybody may look at himself. */
    void lookAtUser(String name) {
        if (!name.equals(caller())) {
            administer();
        }
    }

    /** Everybody may look at a role of his. */
    void lookAtRole(String role) {
        String caller = caller();
        if (caller == null || !store.auth().hasRole(caller, role)) {
            administer();
        }
    }
}
