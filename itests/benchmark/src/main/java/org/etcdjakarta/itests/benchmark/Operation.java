package org.etcdjakarta.itests.benchmark;

import java.util.Locale;

/** What every caller does again and again. */
enum Operation {
    GET {
        @Override
        void call(KvCalls kv, int key) throws Exception {
            kv.get(key);
        }
    },
    PUT {
        @Override
        void call(KvCalls kv, int key) throws Exception {
            kv.put(key);
        }
    },
    /** A transaction of one put. */
    TXN {
        @Override
        void call(KvCalls kv, int key) throws Exception {
            kv.txn(key);
        }
    };

    abstract void call(KvCalls kv, int key) throws Exception;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
