package org.etcdjakarta.itests.benchmark;

import java.util.Arrays;

/**
 * The calls under test, as a client's user writes them, each of which blocks until etcd has answered. Keys and values are made
 * beforehand in the client's own type, so that a call costs what the client costs. Safe for any number of callers.
 */
interface KvCalls extends AutoCloseable {

    /** Enough that callers rarely write the same key at once, few enough that etcd's memory holds them. */
    int KEYS = 1_000;

    /** Bytes of a value. */
    int VALUE = 256;

    void get(int key) throws Exception;

    void put(int key) throws Exception;

    void txn(int key) throws Exception;

    @Override
    void close();

    /** Every key once, so that each get finds its value. */
    default void fill() throws Exception {
        for (int key = 0; key < KEYS; key++) {
            put(key);
        }
    }

    static String key(int number) {
        return "/benchmark/key-" + (100_000 + number);
    }

    static byte[] value() {
        byte[] value = new byte[VALUE];
        Arrays.fill(value, (byte) 'v');
        return value;
    }
}
