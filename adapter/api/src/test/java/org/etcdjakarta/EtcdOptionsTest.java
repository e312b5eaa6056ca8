package org.etcdjakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import org.junit.jupiter.api.Test;

class EtcdOptionsTest {

    @Test
    void firstAndLastAreOneKeyBelowThePrefix() {
        // as Go's withTop, where sorting by key ascending is no sorting
        assertTop(EtcdOptions.firstKey(), SortTarget.KEY, SortOrder.NONE);
        assertTop(EtcdOptions.lastKey(), SortTarget.KEY, SortOrder.DESCEND);
        assertTop(EtcdOptions.firstCreate(), SortTarget.CREATE, SortOrder.ASCEND);
        assertTop(EtcdOptions.lastCreate(), SortTarget.CREATE, SortOrder.DESCEND);
        assertTop(EtcdOptions.firstRev(), SortTarget.MOD, SortOrder.ASCEND);
        assertTop(EtcdOptions.lastRev(), SortTarget.MOD, SortOrder.DESCEND);
    }

    private static void assertTop(GetOption.Builder option, SortTarget target, SortOrder order) {
        assertThat(option.build())
                .usingRecursiveComparison()
                .isEqualTo(GetOption.builder()
                        .isPrefix(true)
                        .withSortField(target)
                        .withSortOrder(order)
                        .withLimit(1)
                        .build());
    }

    @Test
    void fromKeyEndsAtTheEndOfAllKeys() {
        ByteSequence zero = ByteSequence.from(new byte[1]);

        assertThat(EtcdOptions.fromKey().build().getEndKey()).contains(zero);
        assertThat(EtcdOptions.deleteFromKey().build().getEndKey()).contains(zero);
    }

    @Test
    void prefixEndIsTheNextKeyBehindAllThatBeginWithIt() {
        assertThat(EtcdOptions.prefixEnd(ByteSequence.from("ab", UTF_8))).isEqualTo(ByteSequence.from("ac", UTF_8));
        assertThat(end(1, 0x7f)).isEqualTo(bytes(1, 0x80));
        assertThat(end(1, 0xff)).isEqualTo(bytes(2));
        assertThat(end(0xfe, 0xff, 0xff)).isEqualTo(bytes(0xff));
        assertThat(end(0xff, 0xff)).isEqualTo(bytes(0));
        assertThat(end()).isEqualTo(bytes(0));
    }

    private static ByteSequence end(int... prefix) {
        return EtcdOptions.prefixEnd(bytes(prefix));
    }

    private static ByteSequence bytes(int... bytes) {
        byte[] made = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            made[i] = (byte) bytes[i];
        }
        return ByteSequence.from(made);
    }
}
