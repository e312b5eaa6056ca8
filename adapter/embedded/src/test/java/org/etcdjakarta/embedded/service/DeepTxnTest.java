package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.Test;

class DeepTxnTest {

    /** Each counts as an operation, and etcd allows 128. */
    private static final int DEPTH = 120;

    @Test
    void txnsMayBeNestedAsDeepAsEtcdAllows() {
        RequestOp operation = RequestOp.newBuilder()
                .setRequestPut(Embedded.putRequest("k", "v"))
                .build();
        for (int i = 0; i < DEPTH; i++) {
            operation = RequestOp.newBuilder()
                    .setRequestTxn(TxnRequest.newBuilder().addSuccess(operation))
                    .build();
        }
        try (Embedded embedded = new Embedded()) {
            var answer = ClientCalls.blockingUnaryCall(
                    embedded.channel, EtcdMethods.TXN, CallOptions.DEFAULT, operation.getRequestTxn());

            assertThat(answer.getSucceeded()).isTrue();
            assertThat(embedded.get("k")).hasSize(1);
        }
    }
}
