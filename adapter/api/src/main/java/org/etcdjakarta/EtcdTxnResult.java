package org.etcdjakarta;

import io.etcd.jetcd.Response;
import io.etcd.jetcd.kv.TxnResponse;
import java.util.List;

/**
 * What a transaction gave. Unlike jetcd's {@link TxnResponse}, whose lists are by kind, it tells which result belongs to which
 * operation.
 *
 * @param response jetcd's response, for code that takes one
 * @param results one for each operation of the branch that was taken, in their order
 */
public record EtcdTxnResult(TxnResponse response, List<EtcdResult> results) {

    /**
     * Made by the client.
     *
     * @param response jetcd's response
     * @param results one for each operation of the branch that was taken, in their order
     */
    public EtcdTxnResult {
        results = List.copyOf(results);
    }

    /**
     * Which branch was taken.
     *
     * @return true when all compares held, and the results are those of {@code Then}; false when they are those of {@code Else}
     */
    public boolean succeeded() {
        return response.isSucceeded();
    }

    /**
     * The header of the response. Of a nested transaction etcd leaves it empty.
     *
     * @return never null
     */
    public Response.Header header() {
        return response.getHeader();
    }

    /**
     * The revision of etcd's store after the transaction; when it wrote something, the revision of all that it wrote.
     *
     * @return the header's revision; inside a JTA transaction the revision of its snapshot
     */
    public long revision() {
        return header().getRevision();
    }
}
