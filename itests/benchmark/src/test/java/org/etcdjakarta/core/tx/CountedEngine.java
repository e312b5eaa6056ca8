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
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;

/** An engine that shares nothing with others, as a process's own; what it asks of etcd is counted, and its Txns may be changed. */
public final class CountedEngine implements AutoCloseable {

    /**
     * Round trips so far.
     *
     * @param others puts and deletes, of slots
     */
    public record Trips(long ranges, long txns, long others) {

        public Trips since(Trips before) {
            return new Trips(ranges - before.ranges, txns - before.txns, others - before.others);
        }

        public Trips and(Trips more) {
            return new Trips(ranges + more.ranges, txns + more.txns, others + more.others);
        }
    }

    private final LongAdder ranges = new LongAdder();
    private final LongAdder txns = new LongAdder();
    private final LongAdder others = new LongAdder();
    private final UnaryOperator<TxnRequest> change;
    private final TxEngine engine;

    /** @param config one of its own, else the link is shared */
    public CountedEngine(EtcdLinkConfig config, TxSettings settings, UnaryOperator<TxnRequest> change) {
        this.change = change;
        Links links = Links.of(config, settings.reservedPrefix());
        this.engine = TxEngine.over(
                new Links() {
                    @Override
                    public Borrowed borrow() {
                        Borrowed borrowed = links.borrow();
                        return borrowed.with(new Counted(borrowed.kv()));
                    }

                    @Override
                    public String endpoint() {
                        return links.endpoint();
                    }
                },
                settings);
    }

    public TxEngine engine() {
        return engine;
    }

    public Trips trips() {
        return new Trips(ranges.sum(), txns.sum(), others.sum());
    }

    @Override
    public void close() {
        engine.close();
    }

    private final class Counted implements KvProtocol {

        private final KvProtocol kv;

        Counted(KvProtocol kv) {
            this.kv = kv;
        }

        @Override
        public CompletableFuture<RangeResponse> range(RangeRequest request) {
            ranges.increment();
            return kv.range(request);
        }

        @Override
        public CompletableFuture<PutResponse> put(PutRequest request) {
            others.increment();
            return kv.put(request);
        }

        @Override
        public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
            others.increment();
            return kv.deleteRange(request);
        }

        @Override
        public CompletableFuture<TxnResponse> txn(TxnRequest request) {
            txns.increment();
            return kv.txn(change.apply(request));
        }

        @Override
        public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
            return kv.compact(request);
        }
    }
}
