package org.etcdjakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import io.etcd.jetcd.options.PutOption;
import java.util.List;
import org.junit.jupiter.api.Test;

class EtcdOpTest {

    private static final ByteSequence KEY = bytes("k");
    private static final ByteSequence VALUE = bytes("v");

    @Test
    void kindAndContentCanBeAskedFor() {
        EtcdOp.Get get = EtcdOp.get(KEY, GetOption.builder().isPrefix(true).build());
        EtcdOp.Put put = EtcdOp.put(KEY, VALUE);
        EtcdOp.Delete delete =
                EtcdOp.delete(KEY, DeleteOption.builder().withRange(bytes("z")).build());

        assertThat(get.isGet()).isTrue();
        assertThat(get.isPut() || get.isDelete() || get.isTxn() || get.isWrite())
                .isFalse();
        assertThat(get.rangeEnd()).contains(bytes("l"));
        assertThat(put.isPut() && put.isWrite()).isTrue();
        assertThat(put.isGet()).isFalse();
        assertThat(put.key()).isEqualTo(KEY);
        assertThat(put.value()).isEqualTo(VALUE);
        assertThat(delete.isDelete() && delete.isWrite()).isTrue();
        assertThat(delete.rangeEnd()).contains(bytes("z"));
        assertThat(EtcdOp.get(KEY).rangeEnd()).isEmpty();
        assertThat(EtcdOp.delete(KEY).rangeEnd()).isEmpty();
    }

    @Test
    void transactionIsAWriteIfEitherBranchIs() {
        EtcdOp read = EtcdOp.get(KEY);
        EtcdOp write = EtcdOp.delete(KEY);

        assertThat(EtcdOp.txn(List.of(), List.of(read), List.of(read)).isWrite())
                .isFalse();
        assertThat(EtcdOp.txn(List.of(), List.of(write), List.of()).isWrite()).isTrue();
        assertThat(EtcdOp.txn(List.of(), List.of(), List.of(write)).isWrite()).isTrue();
        EtcdOp nested = EtcdOp.txn(List.of(), List.of(), List.of(write));
        assertThat(EtcdOp.txn(List.of(), List.of(nested), List.of()).isWrite()).isTrue();
        assertThat(nested.isTxn()).isTrue();
    }

    @Test
    void putIsNotChangedByWhatIsMadeFromIt() {
        EtcdOp.Put put = EtcdOp.put(KEY, VALUE);

        assertThat(put.ignoringLease().ignoreLease()).isTrue();
        assertThat(put.ignoringLease().ignoreValue()).isFalse();
        assertThat(put.ignoringValue().ignoringLease())
                .isEqualTo(put.ignoringLease().ignoringValue());
        assertThat(put.ignoreValue() || put.ignoreLease()).isFalse();
    }

    @Test
    void jetcdsGetIsTakenOverWithAllOptions() {
        GetOption option = GetOption.builder()
                .withRange(bytes("m"))
                .withLimit(1)
                .withRevision(2)
                .withSortField(SortTarget.CREATE)
                .withSortOrder(SortOrder.DESCEND)
                .withSerializable(true)
                .withKeysOnly(true)
                .withCountOnly(true)
                .withMinModRevision(3)
                .withMaxModRevision(4)
                .withMinCreateRevision(5)
                .withMaxCreateRevision(6)
                .build();

        EtcdOp.Get get = (EtcdOp.Get) EtcdOp.of(Op.get(KEY, option));

        assertThat(get.key()).isEqualTo(KEY);
        assertThat(get.option()).usingRecursiveComparison().isEqualTo(option);
    }

    @Test
    void jetcdsOtherOperationsAreTakenOver() {
        Op put = Op.put(
                KEY, VALUE, PutOption.builder().withLeaseId(7).withPrevKV().build());
        Op delete = Op.delete(
                KEY, DeleteOption.builder().isPrefix(true).withPrevKV(true).build());
        Cmp compare = new Cmp(KEY, Cmp.Op.GREATER, CmpTarget.version(8));

        EtcdOp.Txn txn = (EtcdOp.Txn) EtcdOp.of(Op.txn(new Cmp[] {compare}, new Op[] {put}, new Op[] {delete}));

        assertThat(txn.compares()).containsExactly(EtcdCompare.version(KEY, Cmp.Op.GREATER, 8));
        EtcdOp.Put ourPut = (EtcdOp.Put) txn.success().get(0);
        assertThat(ourPut.key()).isEqualTo(KEY);
        assertThat(ourPut.value()).isEqualTo(VALUE);
        assertThat(ourPut.option().getLeaseId()).isEqualTo(7);
        assertThat(ourPut.option().getPrevKV()).isTrue();
        EtcdOp.Delete ourDelete = (EtcdOp.Delete) txn.failure().get(0);
        assertThat(ourDelete.rangeEnd()).contains(bytes("l"));
        assertThat(ourDelete.option().isPrevKV()).isTrue();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}
