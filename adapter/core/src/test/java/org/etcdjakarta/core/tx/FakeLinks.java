package org.etcdjakarta.core.tx;

import java.util.concurrent.atomic.AtomicInteger;
import org.etcdjakarta.core.link.KvProtocol;

/** References on a fake, counted. */
final class FakeLinks implements Links {

    static final TxSettings SETTINGS = new TxSettings("/_etcd-jakarta/", 128, "node-1");

    private final KvProtocol kv;
    private final AtomicInteger open = new AtomicInteger();

    FakeLinks(KvProtocol kv) {
        this.kv = kv;
    }

    static TxEngine engine(KvProtocol kv) {
        return TxEngine.over(new FakeLinks(kv), SETTINGS);
    }

    int open() {
        return open.get();
    }

    @Override
    public Borrowed borrow() {
        open.incrementAndGet();
        return new Borrowed(kv, open::decrementAndGet);
    }

    @Override
    public String endpoint() {
        return "http://fake:2379";
    }
}
