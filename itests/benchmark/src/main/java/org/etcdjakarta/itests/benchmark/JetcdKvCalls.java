package org.etcdjakarta.itests.benchmark;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import java.nio.charset.StandardCharsets;

/** jetcd's {@link KV}, used as its users do: the same code for jetcd's own implementation and for ours. */
final class JetcdKvCalls implements KvCalls {

    private final KV kv;
    private final Runnable close;
    private final ByteSequence[] keys = new ByteSequence[KEYS];
    private final ByteSequence value = ByteSequence.from(KvCalls.value());

    JetcdKvCalls(KV kv, Runnable close) {
        this.kv = kv;
        this.close = close;
        for (int key = 0; key < KEYS; key++) {
            keys[key] = ByteSequence.from(KvCalls.key(key), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void get(int key) throws Exception {
        Check.found(kv.get(keys[key]).get().getCount());
    }

    @Override
    public void put(int key) throws Exception {
        Check.written(kv.put(keys[key], value).get().getHeader().getRevision());
    }

    @Override
    public void txn(int key) throws Exception {
        Check.written(kv.txn()
                .Then(Op.put(keys[key], value, PutOption.DEFAULT))
                .commit()
                .get()
                .getHeader()
                .getRevision());
    }

    @Override
    public void close() {
        close.run();
    }
}
