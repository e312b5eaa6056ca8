package org.etcdjakarta;

import io.etcd.jetcd.Response;
import io.etcd.jetcd.kv.DeleteResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;

/**
 * What an {@link EtcdOp} gave: jetcd's response of its kind.
 *
 * @see <a href="https://pkg.go.dev/go.etcd.io/etcd/client/v3#OpResponse">Go's OpResponse</a>
 */
public sealed interface EtcdResult {

    /**
     * The header of the response. Of an operation in a transaction etcd fills in the revision only.
     *
     * @return never null
     */
    Response.Header header();

    /**
     * What a get gave.
     *
     * @return jetcd's response
     * @throws IllegalStateException when the operation was another one
     */
    default GetResponse asGet() {
        if (this instanceof Get get) {
            return get.response();
        }
        throw otherKind("get");
    }

    /**
     * What a put gave.
     *
     * @return jetcd's response
     * @throws IllegalStateException when the operation was another one
     */
    default PutResponse asPut() {
        if (this instanceof Put put) {
            return put.response();
        }
        throw otherKind("put");
    }

    /**
     * What a delete gave.
     *
     * @return jetcd's response
     * @throws IllegalStateException when the operation was another one
     */
    default DeleteResponse asDelete() {
        if (this instanceof Delete delete) {
            return delete.response();
        }
        throw otherKind("delete");
    }

    /**
     * What a transaction gave.
     *
     * @return its branch and the results of the operations, in their order
     * @throws IllegalStateException when the operation was another one
     */
    default EtcdTxnResult asTxn() {
        if (this instanceof Txn txn) {
            return txn.result();
        }
        throw otherKind("transaction");
    }

    private IllegalStateException otherKind(String asked) {
        return new IllegalStateException("not the result of a " + asked + ", but of a "
                + getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT)
                + ": results come in the order of the operations of the branch that was taken");
    }

    /**
     * Of a get.
     *
     * @param response jetcd's response
     */
    record Get(GetResponse response) implements EtcdResult {
        @Override
        public Response.Header header() {
            return response.getHeader();
        }
    }

    /**
     * Of a put.
     *
     * @param response jetcd's response
     */
    record Put(PutResponse response) implements EtcdResult {
        @Override
        public Response.Header header() {
            return response.getHeader();
        }
    }

    /**
     * Of a delete.
     *
     * @param response jetcd's response
     */
    record Delete(DeleteResponse response) implements EtcdResult {
        @Override
        public Response.Header header() {
            return response.getHeader();
        }
    }

    /**
     * Of a transaction.
     *
     * @param result its branch and the results of the operations
     */
    record Txn(EtcdTxnResult result) implements EtcdResult {
        @Override
        public Response.Header header() {
            return result.header();
        }
    }
}
