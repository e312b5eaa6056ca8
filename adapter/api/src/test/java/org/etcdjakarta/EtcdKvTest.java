package org.etcdjakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.options.PutOption;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the interface does by itself. */
class EtcdKvTest {

    private static final ByteSequence KEY = ByteSequence.from("k", UTF_8);
    private static final EtcdResult PUT =
            new EtcdResult.Put(new PutResponse(io.etcd.jetcd.api.PutResponse.getDefaultInstance(), ByteSequence.EMPTY));
    private static final EtcdResult TXN = new EtcdResult.Txn(new EtcdTxnResult(
            new io.etcd.jetcd.kv.TxnResponse(
                    TxnResponse.newBuilder().setSucceeded(true).build(), ByteSequence.EMPTY),
            List.of(PUT)));

    private final List<EtcdOp> executed = new ArrayList<>();
    private final EtcdKv kv = fake(EtcdKv.class, (proxy, method, arguments) -> {
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        EtcdOp op = (EtcdOp) arguments[0];
        executed.add(op);
        return CompletableFuture.completedFuture(op.isTxn() ? TXN : PUT);
    });

    @Test
    void ofIsTheSameObject() {
        assertThat(EtcdKv.of(kv)).isSameAs(kv);
    }

    @Test
    void kvOfAnotherClientIsRefusedByName() {
        KV other = fake(KV.class, (proxy, method, arguments) -> null);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> EtcdKv.of(other))
                .withMessageContainingAll(other.getClass().getName(), "EtcdConnection");
    }

    @Test
    void putsKeepLeaseOrValue() {
        PutOption option = PutOption.builder().withPrevKV().build();

        kv.putKeepingLease(KEY, KEY).join();
        kv.putKeepingLease(KEY, KEY, option).join();
        kv.putKeepingValue(KEY, option).join();

        assertThat(executed)
                .containsExactly(
                        EtcdOp.put(KEY, KEY).ignoringLease(),
                        EtcdOp.put(KEY, KEY, option).ignoringLease(),
                        EtcdOp.put(KEY, ByteSequence.EMPTY, option).ignoringValue());
    }

    @Test
    void txnIsOneOperationWithOrderedResults() {
        EtcdCompare compare = EtcdCompare.version(KEY, Cmp.Op.EQUAL, 0);
        EtcdOp put = EtcdOp.put(KEY, KEY);
        EtcdOp get = EtcdOp.get(KEY);

        EtcdTxnResult result =
                kv.newTxn().If(compare).Then(put).Then(get).Else(get).commit().join();

        assertThat(executed).containsExactly(EtcdOp.txn(List.of(compare), List.of(put, get), List.of(get)));
        assertThat(result.succeeded()).isTrue();
        assertThat(result.results()).containsExactly(PUT);
        assertThat(result.results().get(0).asPut()).isNotNull();
        assertThatIllegalStateException()
                .isThrownBy(() -> result.results().get(0).asGet())
                .withMessageContaining("not the result of a get, but of a put");
    }

    @Test
    void partsOfATxnComeInOrder() {
        EtcdCompare compare = EtcdCompare.version(KEY, Cmp.Op.EQUAL, 0);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> kv.newTxn().Then().If(compare))
                .withMessage("cannot call If after Then!");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kv.newTxn().Else().If(compare))
                .withMessage("cannot call If after Else!");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> kv.newTxn().Else().Then(EtcdOp.get(KEY)))
                .withMessage("cannot call Then after Else!");
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
