package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.etcdjakarta.embedded.ManualClock;
import org.etcdjakarta.embedded.store.Store;
import org.junit.jupiter.api.Test;

class HistoryTest {

    private static final int VALUES = 100;
    private static final int VALUE_BYTES = 100_000;

    @Test
    void theSizeOfALongHistoryIsFoundWithoutACopyOfIt() {
        Store store = new Store(new ManualClock());
        for (int i = 0; i < VALUES; i++) {
            ByteString key = Embedded.bytes("key " + i);
            ByteString value = ByteString.copyFrom(new byte[VALUE_BYTES]);
            var unused = store.write(draft -> Optional.ofNullable(draft.put(key, value, 0)));
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        long bytes = History.upTo(store.keyspace(), 0).bytes();

        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(bytes).isGreaterThan(VALUES * VALUE_BYTES);
        assertThat(allocated).isLessThan(bytes / 4);
    }
}
