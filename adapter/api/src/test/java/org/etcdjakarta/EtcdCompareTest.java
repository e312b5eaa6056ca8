package org.etcdjakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import org.etcdjakarta.EtcdCompare.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EtcdCompareTest {

    private static final ByteSequence KEY = bytes("k");

    @ParameterizedTest
    @EnumSource(Cmp.Op.class)
    void jetcdsCompareIsTakenOver(Cmp.Op op) {
        assertThat(EtcdCompare.of(new Cmp(KEY, op, CmpTarget.version(1)))).isEqualTo(EtcdCompare.version(KEY, op, 1));
        assertThat(EtcdCompare.of(new Cmp(KEY, op, CmpTarget.createRevision(2))))
                .isEqualTo(EtcdCompare.createRevision(KEY, op, 2));
        assertThat(EtcdCompare.of(new Cmp(KEY, op, CmpTarget.modRevision(3))))
                .isEqualTo(EtcdCompare.modRevision(KEY, op, 3));
        assertThat(EtcdCompare.of(new Cmp(KEY, op, CmpTarget.value(bytes("v")))))
                .isEqualTo(EtcdCompare.value(KEY, op, bytes("v")));
    }

    @Test
    void rangeIsAnotherCompare() {
        EtcdCompare one = EtcdCompare.lease(KEY, Cmp.Op.NOT_EQUAL, 4);

        assertThat(one.rangeEnd()).isEmpty();
        assertThat(one.withPrefix().rangeEnd()).contains(bytes("l"));
        assertThat(one.withRange(bytes("x")).rangeEnd()).contains(bytes("x"));
        assertThat(one.withPrefix()).isNotEqualTo(one).isEqualTo(one.withRange(bytes("l")));
        assertThat(one.withPrefix().target()).isEqualTo(Target.LEASE);
        assertThat(one.withPrefix().number()).isEqualTo(4);
        assertThat(one.withPrefix().op()).isEqualTo(Cmp.Op.NOT_EQUAL);
    }

    @Test
    void textDoesNotShowTheValue() {
        assertThat(EtcdCompare.value(KEY, Cmp.Op.EQUAL, bytes("secret"))).hasToString("VALUE(k) EQUAL (6 bytes)");
        assertThat(EtcdCompare.version(KEY, Cmp.Op.LESS, 3).withPrefix()).hasToString("VERSION(k to l) LESS 3");
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}
