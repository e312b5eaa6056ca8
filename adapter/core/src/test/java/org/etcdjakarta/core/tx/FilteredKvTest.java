package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.etcdjakarta.core.tx.Requests.bytes;
import static org.etcdjakarta.core.tx.Requests.done;
import static org.etcdjakarta.core.tx.Requests.get;
import static org.etcdjakarta.core.tx.Requests.prefix;
import static org.etcdjakarta.core.tx.Requests.put;

import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.util.Random;
import org.etcdjakarta.EtcdException;
import org.junit.jupiter.api.Test;

class FilteredKvTest {

    private static final String RESERVED = "/r/";

    private final DirectEtcd etcd = new DirectEtcd();
    private final FilteredKv kv = new FilteredKv(etcd, new ReservedKeys(RESERVED));

    @Test
    void rangesAreAnsweredAsIfTheReservedKeysWereNotThere() {
        Random random = new Random(7);
        RandomRequests requests = new RandomRequests(random, 30);
        for (int i = 0; i < 15; i++) {
            etcd.put(requests.key().toStringUtf8(), requests.value().toStringUtf8());
            etcd.put(RESERVED + "p/" + i, "record");
        }
        DirectEtcd without = etcd.without(RESERVED);
        for (int i = 0; i < 3000; i++) {
            RangeRequest asked = requests.range();
            RangeResponse answer;
            RangeResponse inTxn;
            try {
                answer = done(kv.range(asked));
                inTxn = done(kv.txn(TxnRequest.newBuilder()
                                .addSuccess(RequestOp.newBuilder().setRequestRange(asked))
                                .build()))
                        .getResponses(0)
                        .getResponseRange();
            } catch (EtcdException e) {
                assertThat(e).hasMessageContaining("reserved");
                continue;
            }
            RangeResponse expected =
                    done(without.range(asked)).toBuilder().clearHeader().build();
            assertThat(answer.toBuilder().clearHeader().build())
                    .as(asked.toString())
                    .isEqualTo(expected);
            assertThat(inTxn.toBuilder().clearHeader().build())
                    .as("in a Txn: " + asked)
                    .isEqualTo(expected);
        }
    }

    @Test
    void theSecondPartIsReadAtTheRevisionOfTheFirst() {
        etcd.put("/a", "1");
        etcd.put("/z", "1");
        etcd.beforeAnswer(() -> {
            etcd.beforeAnswer(() -> {});
            etcd.put("/a", "2");
            etcd.put("/z", "2");
        });
        RangeResponse answer = done(kv.range(prefix("/").build()));
        assertThat(answer.getKvsList())
                .allSatisfy(kv -> assertThat(kv.getValue().toStringUtf8()).isEqualTo("1"));
        assertThat(answer.getKvsCount()).isEqualTo(2);
    }

    @Test
    void aDeleteThatSpansThemLeavesThem() {
        etcd.put("/a", "1");
        etcd.put("/r/p/1", "record");
        etcd.put("/z", "1");
        DeleteRangeRequest all = DeleteRangeRequest.newBuilder()
                .setKey(bytes("/"))
                .setRangeEnd(bytes("0"))
                .setPrevKv(true)
                .build();
        DeleteRangeResponse answer = done(kv.deleteRange(all));
        assertThat(answer.getDeleted()).isEqualTo(2);
        assertThat(answer.getPrevKvsCount()).isEqualTo(2);
        assertThat(etcd.keys()).containsExactly("/r/p/1");

        etcd.put("/a", "1");
        answer = done(kv.txn(TxnRequest.newBuilder()
                        .addSuccess(RequestOp.newBuilder().setRequestDeleteRange(all))
                        .build()))
                .getResponses(0)
                .getResponseDeleteRange();
        assertThat(answer.getDeleted()).isEqualTo(1);
        assertThat(etcd.keys()).containsExactly("/r/p/1");
    }

    @Test
    void addressingThemIsRefused() {
        assertThatThrownBy(() -> put(kv, "/r/x", "v")).hasMessageContaining("ETCD-00207");
        assertThatThrownBy(() -> get(kv, "/r/x")).hasMessageContaining("ETCD-00207");
        assertThatThrownBy(() -> done(kv.range(prefix("/r/p/").build()))).hasMessageContaining("ETCD-00207");
        assertThatThrownBy(() -> done(kv.txn(TxnRequest.newBuilder()
                        .addFailure(RequestOp.newBuilder().setRequestPut(put("/r/x", "v")))
                        .build())))
                .hasMessageContaining("ETCD-00207");
        assertThatThrownBy(() -> done(kv.txn(TxnRequest.newBuilder()
                        .addCompare(Compare.newBuilder().setKey(bytes("/")).setRangeEnd(bytes("0")))
                        .build())))
                .hasMessageContaining("ETCD-00208");
        assertThat(etcd.txns()).isEmpty();
        assertThat(etcd.revision()).isEqualTo(1);
    }

    @Test
    void whatDoesNotMeetThemPassesUnchanged() {
        RangeRequest range = prefix("/a/").setLimit(3).build();
        done(kv.range(range));
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(RequestOp.newBuilder().setRequestRange(range))
                .build();
        done(kv.txn(txn));
        assertThat(etcd.ranges()).containsExactly(range);
        assertThat(etcd.txns()).containsExactly(txn);
    }
}
