package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.options.DeleteOption;
import jakarta.resource.ResourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.etcdjakarta.connector.EtcdActivationSpec;
import org.junit.jupiter.api.Test;

/** What a bean gets, and when it gets it again. */
class DeliveryTest extends WithBean {

    @Test
    void changesComeInOrderEachRevisionOnce() throws ResourceException {
        spec.setStartRevision("1");
        put("/in/a", "1");
        activate();
        put("/out/x", "0");
        put("/in/b", "2");
        link.client()
                .getKVClient()
                .delete(bytes("/in/"), DeleteOption.builder().isPrefix(true).build())
                .join();

        awaitTaken("/in/a=1", "/in/b=2", "-/in/a -/in/b");
    }

    @Test
    void withoutAStartRevisionOnlyWhatComesFromNowOn() throws ResourceException {
        put("/in/a", "before");
        spec.setDurableName("now");
        activate();
        await().until(() -> !keys("/_etcd-jakarta/c/now/").isEmpty());
        put("/in/a", "after");

        awaitTaken("/in/a=after");
    }

    @Test
    void beanThatThrowsGetsItAgainAndNothingOvertakesIt() throws ResourceException {
        spec.setStartRevision("1");
        bean.behaviour = batch -> {
            if (bean.calls.get() < 4) {
                throw new Exception("not yet");
            }
        };
        put("/in/a", "1");
        put("/in/b", "2");
        activate();

        awaitTaken("/in/a=1", "/in/b=2");
        assertThat(bean.calls).hasValue(5);
    }

    @Test
    void rollbackOnlyOfABeanThatThrowsNothingIsAFailureToo() throws ResourceException {
        spec.setStartRevision("1");
        bean.behaviour = batch -> {
            if (bean.calls.get() == 1) {
                FakeServer.Tx tx = FakeServer.CURRENT.get();
                if (tx != null) {
                    tx.status = jakarta.transaction.Status.STATUS_MARKED_ROLLBACK;
                }
            }
        };
        put("/in/a", "1");
        activate();

        awaitTaken("/in/a=1");
        assertThat(bean.calls).hasValue(2);
    }

    @Test
    void poisonIsParkedWithItsReasonAndDeliveryGoesOn() throws ResourceException {
        spec.setStartRevision("1");
        spec.setDurableName("poisoned");
        spec.setDeadLetterPrefix("/dead/");
        spec.setMaxRedeliveries("2");
        bean.behaviour = batch -> {
            if (FakeBean.text(batch.events().get(0)).contains("poison")) {
                throw new IllegalArgumentException("I do not like this");
            }
        };
        put("/in/a", "poison");
        put("/in/b", "food");
        activate();

        awaitTaken("/in/b=food");
        assertThat(bean.calls).as("once, twice again, and the one behind it").hasValue(4);
        List<String> parked = keys("/dead/");
        assertThat(parked).singleElement().asString().startsWith("/dead/poisoned/0000");
        assertThat(value(parked.get(0))).contains("I do not like this", "/in/a", "cG9pc29u", "\"attempts\":3");
    }

    /** Values are not all that can be much: a prefix that is deleted is one revision of all its keys. */
    @Test
    void poisonThatIsLargerThanEtcdTakesIsParkedAsFarAsItFits() throws ResourceException {
        String longName = "/in/" + "x".repeat(600);
        for (int i = 0; i < 30; i++) {
            TxnRequest.Builder puts = TxnRequest.newBuilder();
            for (int j = 0; j < 100; j++) {
                puts.addSuccess(RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8(longName + i + "." + j))
                                .setValue(ByteString.copyFromUtf8("v"))));
            }
            link.kvProtocol().txn(puts.build()).join();
        }
        spec.setStartRevision("32");
        spec.setDeadLetterPrefix("/dead/");
        spec.setMaxRedeliveries("0");
        bean.behaviour = batch -> {
            if (batch.events().size() > 1) {
                throw new IllegalStateException("so many");
            }
        };
        link.client()
                .getKVClient()
                .delete(bytes("/in/"), DeleteOption.builder().isPrefix(true).build())
                .join();
        put("/in/next", "1");
        activate();

        awaitTaken("/in/next=1");
        assertThat(bean.calls).hasValue(2);
        assertThat(value("/dead/00000000000000000032"))
                .contains("so many", longName + "0.0\"", "\"eventsLeftOut\":")
                .doesNotContain("\"eventsLeftOut\":0", longName + "9.99\"");
    }

    /** Control of the one above: without dead letters there is no end to it, and nothing is lost. */
    @Test
    void withoutDeadLettersPoisonIsDeliveredAgainWithoutEnd() throws ResourceException {
        spec.setStartRevision("1");
        bean.behaviour = batch -> {
            throw new IllegalArgumentException("I do not like this");
        };
        put("/in/a", "poison");
        put("/in/b", "food");
        activate();

        await().until(() -> bean.calls.get() > 5);
        assertThat(bean.taken).isEmpty();
    }

    @Test
    void durableWatchGoesOnWhereItWasLeftOff() throws ResourceException {
        spec.setDurableName("orders");
        spec.setStartRevision("1");
        put("/in/a", "1");
        activate();
        awaitTaken("/in/a=1");
        adapter.endpointDeactivation(bean, spec);
        put("/in/b", "2");

        EtcdActivationSpec next = new EtcdActivationSpec();
        next.setPrefix("/in/");
        next.setDurableName("orders");
        activate(next);

        awaitTaken("/in/a=1", "/in/b=2");
    }

    /** As a suspended server does: the same specification once more. Control: another one begins at "now". */
    @Test
    void watchWithoutANameGoesOnWhenItIsActivatedAgain() throws ResourceException {
        spec.setStartRevision("1");
        put("/in/a", "1");
        activate();
        awaitTaken("/in/a=1");
        adapter.endpointDeactivation(bean, spec);
        put("/in/b", "2");
        activate();

        awaitTaken("/in/a=1", "/in/b=2");
    }

    @Test
    void checkpointIsWrittenInTheBeansTransaction() throws ResourceException {
        spec.setDurableName("orders");
        spec.setStartRevision("1");
        bean.behaviour = batch -> {
            if (bean.calls.get() == 1) {
                throw new IllegalStateException("rolled back with everything");
            }
        };
        put("/in/a", "1");
        long written = link.client()
                .getKVClient()
                .get(bytes("/in/a"))
                .join()
                .getKvs()
                .get(0)
                .getModRevision();
        activate();

        awaitTaken("/in/a=1");
        assertThat(value("/_etcd-jakarta/c/orders/0")).contains("revision=" + written + "\n", "range=prefix /in/\n");
    }

    @Test
    void endpointsThatAreAllInUseAreWaitedForAndNothingIsDropped() throws ResourceException {
        spec.setStartRevision("1");
        spec.setDeadLetterPrefix("/dead/");
        spec.setMaxRedeliveries("0");
        bean.endpoints = 0;
        put("/in/a", "1");
        put("/in/b", "2");
        activate();
        await().until(() -> server.threads.get() > 3);
        bean.endpoints = 1;

        awaitTaken("/in/a=1", "/in/b=2");
        assertThat(keys("/dead/")).isEmpty();
    }

    @Test
    void serverWithoutThreadsIsAskedAgain() throws ResourceException {
        spec.setStartRevision("1");
        server.refusals.set(2);
        put("/in/a", "1");
        activate();

        awaitTaken("/in/a=1");
    }

    @Test
    void beforeDeliveryThatFailsIsNoDelivery() throws ResourceException {
        spec.setStartRevision("1");
        bean.beforeDelivery = new ResourceException("not now");
        put("/in/a", "1");
        activate();
        await().until(() -> server.threads.get() > 2);
        assertThat(bean.calls).hasValue(0);
        bean.beforeDelivery = null;

        awaitTaken("/in/a=1");
    }

    @Test
    void withoutATransactionTheCheckpointFollowsTheBean() throws ResourceException {
        bean.transacted = false;
        spec.setDurableName("plain");
        spec.setStartRevision("1");
        put("/in/a", "1");
        activate();

        awaitTaken("/in/a=1");
        await().untilAsserted(
                        () -> assertThat(value("/_etcd-jakarta/c/plain/0")).contains("revision=2\n"));
    }

    @Test
    void changesOfOneKeyStayInOrderHoweverManyAreDeliveredAtATime() throws ResourceException {
        spec.setDurableName("many");
        spec.setStartRevision("1");
        spec.setConcurrency("4");
        int keys = 10;
        int rounds = 20;
        activate();
        for (int round = 0; round < rounds; round++) {
            for (int key = 0; key < keys; key++) {
                put("/in/" + key, String.valueOf(round));
            }
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> bean.taken.size() >= keys * rounds);
        for (int key = 0; key < keys; key++) {
            String prefix = "/in/" + key + "=";
            assertThat(bean.taken.stream().filter(text -> text.startsWith(prefix)))
                    .containsExactlyElementsOf(IntStream.range(0, rounds)
                            .mapToObj(round -> prefix + round)
                            .toList());
        }
    }

    /** Each time another number, with something delivered beyond what the slowest had; nothing twice, nothing lost. */
    @Test
    void anotherConcurrencyKnowsWhatWasDelivered() throws ResourceException {
        List<String> wanted = new ArrayList<>();
        for (String concurrency : List.of("3", "1", "4", "2")) {
            for (int key = 0; key < 12; key++) {
                put("/in/" + key, concurrency);
                wanted.add("/in/" + key + "=" + concurrency);
            }
            EtcdActivationSpec next = new EtcdActivationSpec();
            next.setPrefix("/in/");
            next.setStartRevision("1");
            next.setDurableName("changing");
            next.setConcurrency(concurrency);
            next.setRedeliveryDelay("1h");
            String refused = "/in/5=" + concurrency;
            bean.behaviour = batch -> {
                // one lane stays behind
                if (!concurrency.equals("2")
                        && batch.events().stream()
                                .anyMatch(event -> FakeBean.text(event).equals(refused))) {
                    throw new IllegalStateException("not in this round");
                }
            };
            activate(next);
            int lanes = Integer.parseInt(concurrency);
            if (lanes == 2) {
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(bean.taken).containsExactlyInAnyOrderElementsOf(wanted));
            } else {
                int calls = bean.calls.get();
                await().until(() -> bean.calls.get() > calls);
            }
            adapter.endpointDeactivation(bean, next);
        }
        assertThat(keys("/_etcd-jakarta/c/changing/")).hasSize(2);
    }
}
