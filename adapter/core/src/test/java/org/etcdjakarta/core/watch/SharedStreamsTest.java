package org.etcdjakarta.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchProgressRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SharedStreamsTest {

    private static final long NO_ID = -1;

    private static final WatchRequest PROGRESS = WatchRequest.newBuilder()
            .setProgressRequest(WatchProgressRequest.getDefaultInstance())
            .build();

    /** gRPC streams that do only what the test says. */
    private static final class Link implements WatchTransport {

        private final List<Wire> wires = new ArrayList<>();
        private final List<CompletableFuture<RangeResponse>> ranges = new ArrayList<>();
        private boolean tokenRenewable = true;

        @Override
        public Stream open(WatchRequest first, Events events) {
            Wire wire = new Wire(this, events);
            wire.sent.add(first);
            wires.add(wire);
            return wire;
        }

        @Override
        public AdapterKeys adapterKeys() {
            return new AdapterKeys();
        }

        @Override
        public ByteSequence namespace() {
            return ByteSequence.EMPTY;
        }

        @Override
        public CompletableFuture<RangeResponse> range(RangeRequest request) {
            CompletableFuture<RangeResponse> answer = new CompletableFuture<>();
            ranges.add(answer);
            return answer;
        }

        @Override
        public EtcdException refused(String reason) {
            return new EtcdException("ETCD-00119", reason, Effect.NONE, "fake", null);
        }

        @Override
        public @Nullable EtcdException tooLarge(WatchRequest request) {
            return request.getSerializedSize() > 1_000 ? refused("too large") : null;
        }

        @Override
        public EtcdException historyChanged(String what) {
            return refused(what);
        }

        @Override
        public void later(Duration pause, Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Executor executor() {
            return Runnable::run;
        }
    }

    private static final class Wire implements WatchTransport.Stream {

        private final Link link;
        private final WatchTransport.Events events;
        private final List<WatchRequest> sent = new ArrayList<>();
        private int requested;
        private boolean cancelled;

        Wire(Link link, WatchTransport.Events events) {
            this.link = link;
            this.events = events;
        }

        @Override
        public void request(int responses) {
            requested += responses;
        }

        @Override
        public void send(WatchRequest request) {
            sent.add(request);
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public boolean renewToken() {
            return link.tokenRenewable;
        }

        /** The id that was chosen for the watch of this request. */
        long id(int request) {
            return sent.get(request)
                    .getCreateRequest()
                    .getUnknownFields()
                    .getField(7)
                    .getVarintList()
                    .get(0);
        }

        void tells(WatchResponse.Builder response) {
            assertThat(requested).as("flow control").isPositive();
            requested--;
            events.onResponse(response.build());
        }

        void created(int request, long revision) {
            tells(answer(id(request), revision).setCreated(true));
        }

        void event(int request, long revision) {
            tells(answer(id(request), revision).addEvents(at(revision)));
        }
    }

    private static WatchResponse.Builder answer(long id, long revision) {
        return WatchResponse.newBuilder()
                .setWatchId(id)
                .setHeader(ResponseHeader.newBuilder().setRevision(revision));
    }

    private static Event at(long revision) {
        return Event.newBuilder()
                .setKv(KeyValue.newBuilder().setModRevision(revision))
                .build();
    }

    /** A watch with all that it was told. */
    private static class Part implements WatchTransport.Events {

        private final List<String> told = new ArrayList<>();
        private final WatchTransport.Stream stream;

        Part(SharedStreams streams, WatchRequest request) {
            stream = streams.open(request, this);
        }

        @Override
        public void onResponse(WatchResponse response) {
            StringBuilder text = new StringBuilder();
            text.append(
                            response.getCreated()
                                    ? "created@" + response.getHeader().getRevision()
                                    : "")
                    .append(response.getCanceled() ? "canceled" : "");
            response.getEventsList()
                    .forEach(event -> text.append("event@").append(event.getKv().getModRevision()));
            told.add(text.isEmpty() ? "progress" : text.toString());
        }

        @Override
        public void onEnd(EtcdException failure, boolean mayResume) {
            told.add(mayResume ? "interrupted" : "failed");
        }

        @Override
        public void onHeldBack() {
            told.add("held back");
        }

        Part taking(int responses) {
            stream.request(responses);
            return this;
        }
    }

    private final Link link = new Link();
    private final SharedStreams streams = new SharedStreams(link);

    private static WatchRequest watch(String key, long start) {
        return WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setStartRevision(start))
                .build();
    }

    private Part open(String key, long start) {
        return new Part(streams, watch(key, start));
    }

    private Part openAll(String key) {
        return open(key, 0).taking(Integer.MAX_VALUE / 2);
    }

    private Wire wire() {
        return link.wires.get(link.wires.size() - 1);
    }

    // ---- one stream

    @Test
    void watchesAreOneStreamAndEachIsToldItsOwn() {
        Part a = openAll("a");
        Part b = openAll("b");
        assertThat(link.wires).hasSize(1);
        wire().created(1, 10);
        wire().created(0, 11);
        wire().event(1, 12);
        wire().event(0, 13);

        assertThat(a.told).containsExactly("created@11", "event@13");
        assertThat(b.told).containsExactly("created@10", "event@12");
    }

    @Test
    void refusalWithoutIdIsThatOfTheOldestUnanswered() {
        Part a = openAll("a");
        Part b = openAll("b");
        Part c = openAll("c");
        wire().created(0, 10);
        wire().tells(answer(NO_ID, 10).setCreated(true).setCanceled(true));
        wire().created(2, 10);

        assertThat(a.told).containsExactly("created@10");
        assertThat(b.told).containsExactly("created@10canceled");
        assertThat(c.told).containsExactly("created@10");
    }

    @Test
    void refusalOfAWatchThatLeftBeforeItsAnswerIsNobodyElses() {
        Part gone = openAll("a");
        Part b = openAll("b");
        gone.stream.cancel();
        wire().tells(answer(NO_ID, 10).setCreated(true).setCanceled(true));
        wire().created(1, 10);

        assertThat(gone.told).isEmpty();
        assertThat(b.told).containsExactly("created@10");
    }

    @Test
    void watchThatLeavesIsCancelledAtTheServerAndTheLastOneEndsTheStream() {
        Part a = openAll("a");
        Part b = openAll("b");
        long id = wire().id(0);
        a.stream.cancel();
        assertThat(wire().sent.get(2).getCancelRequest().getWatchId()).isEqualTo(id);
        assertThat(wire().cancelled).isFalse();
        b.stream.cancel();
        assertThat(wire().cancelled).isTrue();

        openAll("c");
        assertThat(link.wires).hasSize(2);
    }

    @Test
    void endOfTheStreamReachesAllAndTheNextWatchOpensAnother() {
        Part a = openAll("a");
        Part b = openAll("b");
        wire().events.onEnd(link.refused("cut"), true);
        assertThat(a.told).containsExactly("interrupted");
        assertThat(b.told).containsExactly("interrupted");
        openAll("a");

        assertThat(link.wires).hasSize(2);
    }

    @Test
    void endIsToldAfterWhatWaits() {
        Part a = open("a", 0).taking(1);
        wire().created(0, 10);
        wire().event(0, 11);
        wire().events.onEnd(link.refused("cut"), true);
        assertThat(a.told).containsExactly("created@10");
        a.taking(2);

        assertThat(a.told).containsExactly("created@10", "event@11", "interrupted");
    }

    @Test
    void piecesArePutTogether() {
        Part a = openAll("a");
        wire().created(0, 10);
        UnknownFieldSet more = UnknownFieldSet.newBuilder()
                .addField(7, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        long id = wire().id(0);
        wire().tells(answer(id, 11).addEvents(at(11)).setUnknownFields(more));
        wire().tells(answer(id, 11).addEvents(at(11)).setUnknownFields(more));
        assertThat(a.told).containsExactly("created@10");
        wire().tells(answer(id, 11).addEvents(at(11)));
        wire().event(0, 12);

        assertThat(a.told).containsExactly("created@10", "event@11event@11event@11", "event@12");
    }

    /** A thousand revisions need not wait for the last piece of the last of them. */
    @Test
    void wholeRevisionsOfAPieceAreToldBeforeTheOtherPiecesCome() {
        Part a = openAll("a");
        wire().created(0, 10);
        UnknownFieldSet more = UnknownFieldSet.newBuilder()
                .addField(7, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        long id = wire().id(0);
        wire().tells(answer(id, 20)
                .addEvents(at(11))
                .addEvents(at(12))
                .addEvents(at(13))
                .setUnknownFields(more));
        assertThat(a.told).containsExactly("created@10", "event@11event@12");
        wire().tells(answer(id, 20).addEvents(at(13)).addEvents(at(14)));

        assertThat(a.told).containsExactly("created@10", "event@11event@12", "event@13event@13event@14");
    }

    @Test
    void progressGoesToThoseWhoAsked() {
        Part a = openAll("a");
        Part b = openAll("b");
        wire().created(0, 10);
        wire().created(1, 10);
        Part late = open("c", 5).taking(10);
        a.stream.send(PROGRESS);
        late.stream.send(PROGRESS);
        assertThat(wire().sent.get(3).hasProgressRequest()).isTrue();
        assertThat(wire().sent).as("one question for both").hasSize(4);
        // Of a watch that has just left.
        wire().tells(answer(77, 11));
        wire().tells(answer(NO_ID, 11));
        wire().tells(answer(NO_ID, 12));
        wire().tells(answer(wire().id(1), 12));

        assertThat(a.told).containsExactly("created@10", "progress");
        assertThat(b.told).containsExactly("created@10", "progress");
        assertThat(late.told).as("what comes before it is still to come").isEmpty();
    }

    // ---- equal watches

    @Test
    void equalWatchesAreOneAtTheServer() {
        Part first = openAll("a");
        Part second = openAll("a");
        assertThat(wire().sent).hasSize(1);
        wire().created(0, 10);
        wire().event(0, 11);
        first.stream.cancel();
        wire().event(0, 12);

        assertThat(first.told).containsExactly("created@10", "event@11");
        assertThat(second.told).containsExactly("created@10", "event@11", "event@12");
        assertThat(wire().sent).hasSize(1);
        second.stream.cancel();
        assertThat(wire().cancelled).isTrue();
    }

    @Test
    void newcomerToAWatchThatStandsIsToldTheRevisionOfTheWholeCluster() {
        openAll("a");
        wire().created(0, 10);
        Part newcomer = openAll("a");
        wire().event(0, 21);
        assertThat(newcomer.told).isEmpty();
        link.ranges
                .get(0)
                .complete(RangeResponse.newBuilder()
                        .setHeader(ResponseHeader.newBuilder().setRevision(20))
                        .build());

        assertThat(newcomer.told).containsExactly("created@20", "event@21");
        assertThat(wire().sent).hasSize(1);
    }

    @Test
    void newcomerThatCannotBeToldIsInterruptedAndTheOthersGoOn() {
        Part first = openAll("a");
        wire().created(0, 10);
        Part newcomer = openAll("a");
        wire().event(0, 11);
        link.ranges.get(0).completeExceptionally(link.refused("away"));

        assertThat(newcomer.told).containsExactly("interrupted");
        assertThat(first.told).containsExactly("created@10", "event@11");
    }

    @Test
    void breakBeforeTheIntroductionIsAnInterruptionAndNothingElse() {
        openAll("a");
        wire().created(0, 10);
        Part newcomer = openAll("a");
        wire().event(0, 11);
        wire().events.onEnd(link.refused("cut"), true);
        link.ranges.get(0).complete(RangeResponse.getDefaultInstance());

        assertThat(newcomer.told).containsExactly("interrupted");
    }

    /** Or later than the store is since a backup was restored. */
    @Test
    void watchFromNowTakesNoPartInOneThatBeginsLater() {
        openAll("b");
        open("a", 100);
        wire().created(0, 10);
        wire().created(1, 10);
        open("a", 0);
        assertThat(wire().sent).hasSize(3);
        open("a", 200);
        assertThat(wire().sent).hasSize(4);
        wire().event(1, 100);

        assertThat(wire().sent).hasSize(4);
    }

    @Test
    void watchThatBeginsEarlierIsOneOfItsOwn() {
        openAll("a");
        wire().created(0, 10);
        open("a", 5);
        assertThat(wire().sent).hasSize(2);
        open("a", 7);
        assertThat(wire().sent).as("takes part in that from 5 on").hasSize(2);
        open("a", 3);
        assertThat(wire().sent).hasSize(3);
        assertThat(wire().sent.get(2).getCreateRequest().getStartRevision()).isEqualTo(3);
    }

    // ---- what one does to the others

    @Test
    void oneThatThrowsKeepsTheEndFromNobody() {
        Part bad = new Part(streams, watch("a", 0)) {
            @Override
            public void onEnd(EtcdException failure, boolean mayResume) {
                throw new IllegalStateException("stopped");
            }
        };
        Part other = openAll("a");
        Part third = openAll("b");
        wire().events.onEnd(link.refused("cut"), true);

        assertThat(bad.told).isEmpty();
        assertThat(other.told).containsExactly("interrupted");
        assertThat(third.told).containsExactly("interrupted");
    }

    @Test
    void requestThatEtcdWouldNotTakeIsRefusedBeforeItEndsTheStream() {
        Part other = openAll("a");
        Part large = openAll("b".repeat(2_000));

        assertThat(large.told).containsExactly("failed");
        assertThat(wire().sent).hasSize(1);
        wire().created(0, 10);
        assertThat(other.told).containsExactly("created@10");
    }

    @Test
    void serverThatNumbersWatchesByItselfGetsAStreamForEach() {
        Part a = openAll("a");
        Part b = openAll("b");
        wire().tells(answer(0, 10).setCreated(true));
        assertThat(a.told).containsExactly("interrupted");
        assertThat(b.told).containsExactly("interrupted");
        assertThat(wire().cancelled).isTrue();
        Part again = openAll("a");
        openAll("b");
        assertThat(link.wires).hasSize(3);
        link.wires.get(1).requested = 1;
        link.wires.get(1).tells(answer(0, 10).setCreated(true));

        assertThat(again.told).containsExactly("created@10");
    }

    @Test
    void compactedWatchIsTakenFromTheServer() {
        Part a = open("a", 5).taking(10);
        openAll("b");
        wire().created(0, 10);
        wire().created(1, 10);
        wire().tells(answer(wire().id(0), 0).setCanceled(true).setCompactRevision(8));

        assertThat(a.told).containsExactly("created@10", "canceled");
        assertThat(wire().sent.get(2).getCancelRequest().getWatchId()).isEqualTo(wire().id(0));
    }

    // ---- a slow one

    @Test
    void slowOneLosesItsPlaceAndNobodyElseIsHeldUp() {
        Part slow = open("a", 0).taking(1);
        Part other = openAll("a");
        Part third = openAll("b");
        wire().created(0, 10);
        wire().created(1, 10);
        int events = StreamPart.MOST_ANSWERS + 10;
        for (int i = 1; i <= events; i++) {
            wire().event(0, 10 + i);
        }
        wire().event(1, 5_000);

        assertThat(other.told).hasSize(1 + events);
        assertThat(third.told).containsExactly("created@10", "event@5000");
        assertThat(slow.told).containsExactly("created@10");
        slow.taking(events);
        assertThat(slow.told).hasSize(1 + StreamPart.MOST_ANSWERS + 1).endsWith("event@1010", "held back");
        assertThat(wire().sent).hasSize(2);
    }

    @Test
    void bytesCountAndOneAnswerAlwaysWaits() {
        Part slow = open("a", 0).taking(1);
        wire().created(0, 10);
        ByteString large = ByteString.copyFrom(new byte[(int) StreamPart.MOST_BYTES + 1]);
        for (int i = 1; i <= 2; i++) {
            wire().tells(answer(wire().id(0), 10 + i)
                    .addEvents(Event.newBuilder()
                            .setKv(KeyValue.newBuilder().setModRevision(10 + i).setValue(large))));
        }
        assertThat(wire().cancelled).as("it was the only one").isTrue();
        slow.taking(5);

        assertThat(slow.told).containsExactly("created@10", "event@11", "held back");
    }

    // ---- a new token

    @Test
    void newTokenMovesAllWatches() {
        Part old = openAll("a");
        wire().created(0, 10);
        Part refused = openAll("b");
        wire().tells(answer(NO_ID, 10).setCreated(true).setCanceled(true));
        assertThat(refused.stream.renewToken()).isTrue();
        openAll("b");
        assertThat(link.wires).hasSize(2);
        assertThat(old.told).containsExactly("created@10");
        wire().created(0, 11);

        assertThat(old.told).containsExactly("created@10", "interrupted");
        assertThat(link.wires.get(0).cancelled).isTrue();
        assertThat(wire().cancelled).isFalse();
    }

    @Test
    void tokenThatWasRenewedInVainMovesNobody() {
        Part old = openAll("a");
        wire().created(0, 10);
        Part refused = openAll("b");
        wire().tells(answer(NO_ID, 10).setCreated(true).setCanceled(true));
        assertThat(refused.stream.renewToken()).isTrue();
        openAll("b");
        wire().tells(answer(NO_ID, 11).setCreated(true).setCanceled(true));
        assertThat(wire().cancelled).isTrue();
        link.wires.get(0).event(0, 12);
        openAll("c");

        assertThat(old.told).containsExactly("created@10", "event@12");
        assertThat(link.wires).as("the old stream goes on").hasSize(2);
    }

    @Test
    void withoutATokenThereIsNothingToRenew() {
        link.tokenRenewable = false;
        Part a = openAll("a");

        assertThat(a.stream.renewToken()).isFalse();
        openAll("b");
        assertThat(link.wires).hasSize(1);
    }
}
