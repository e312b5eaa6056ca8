package org.etcdjakarta.core.tx;

import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;

/** Engines whose Txns are changed on their way to etcd: for controls, which take a protection out of them. */
public final class ChangedEngines {

    private ChangedEngines() {}

    /** A process's own. */
    public static TxEngine over(EtcdLinkConfig config, TxSettings settings, UnaryOperator<TxnRequest> change) {
        Links links = Links.of(config, settings.reservedPrefix());
        return TxEngine.over(
                new Links() {
                    @Override
                    public Borrowed borrow() {
                        Borrowed borrowed = links.borrow();
                        return borrowed.with(new Changed(borrowed.kv(), change));
                    }

                    @Override
                    public String endpoint() {
                        return links.endpoint();
                    }
                },
                settings);
    }

    private record Changed(KvProtocol kv, UnaryOperator<TxnRequest> change) implements KvProtocol {

        @Override
        public CompletableFuture<RangeResponse> range(RangeRequest request) {
            return kv.range(request);
        }

        @Override
        public CompletableFuture<PutResponse> put(PutRequest request) {
            return kv.put(request);
        }

        @Override
        public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
            return kv.deleteRange(request);
        }

        @Override
        public CompletableFuture<TxnResponse> txn(TxnRequest request) {
            return kv.txn(change.apply(request));
        }

        @Override
        public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
            return kv.compact(request);
        }
    }
}
