package org.etcdjakarta.itests.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.itests.support.EtcdServer;
import org.junit.jupiter.api.Test;

/**
 * The same random requests to a real etcd 3.5 and to the embedded one, one after the other, and whole answers compared: every
 * field, the headers' revisions, the codes and words of refusals, and what watches hear.
 *
 * <p>{@code -Dembedded.seed=…} repeats a run that failed, {@code -Dembedded.operations=…} makes it shorter or longer.
 */
class SameAnswersIT {

    private static final long SEED = Long.getLong("embedded.seed", new Random().nextLong());
    private static final int OPERATIONS = Integer.getInteger("embedded.operations", 10_000);

    private static final int STREAMS = 3;
    private static final int WATCHES = 10;

    /** Ids on the test's own stream. */
    private static final long EVERYTHING = 500;

    private static final long HISTORY = 501;

    private final Random random = new Random(SEED);
    private final Known known = new Known();
    private final RandomRequests requests = new RandomRequests(random, known);
    private final Deque<Supplier<String>> past = new ArrayDeque<>();

    /** Revisions that changed a key twice: etcd must not be compacted right there, see the README of adapter/embedded. */
    private final Set<Long> twice = new HashSet<>();

    private int sent;
    private int refused;
    private boolean replayIsOpen;

    @Test
    void randomRequestsAreAnsweredAsByEtcd() {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (EtcdServer server = EtcdServer.builder()
                        .line("3.5")
                        .flags("--unsafe-no-fsync")
                        .start();
                EmbeddedEtcd embeddedEtcd = EmbeddedEtcd.start();
                Peer etcd = new Peer(server.endpoint());
                Peer embedded = new Peer(embeddedEtcd.endpoint())) {
            Run run = new Run(etcd, embedded, other);
            while (sent < OPERATIONS) {
                run.step();
            }
            run.settle();
            assertThat(refused).as("refusals of %d, seed %d", sent, SEED).isBetween(sent / 5, sent / 2);
        } finally {
            other.shutdownNow();
        }
    }

    /** The two servers, and the streams to them. */
    private final class Run {

        private final Peer etcd;
        private final Peer embedded;
        private final ExecutorService other;
        private final TwinStream own;
        private final List<TwinStream> streams;

        Run(Peer etcd, Peer embedded, ExecutorService other) {
            this.etcd = etcd;
            this.embedded = embedded;
            this.other = other;
            own = new TwinStream(etcd, embedded);
            own.create(
                    WatchCreateRequest.newBuilder()
                            .setRangeEnd(RandomRequests.OPEN_END)
                            .setPrevKv(true),
                    EVERYTHING,
                    false,
                    0);
            streams = random.ints(STREAMS)
                    .mapToObj(any -> new TwinStream(etcd, embedded))
                    .toList();
        }

        void step() {
            sent++;
            int kind = random.nextInt(100);
            if (kind < 2) {
                compact(requests.compaction());
            } else if (kind < 8) {
                watch();
            } else {
                both(requests.next());
            }
        }

        private Object both(Message request) {
            Future<Object> asked = other.submit(() -> etcd.answer(request));
            Object actual = embedded.answer(request);
            Object expected = answered(asked);
            remember(request.getClass().getSimpleName(), request, "-> ", expected);
            if (!expected.equals(actual)) {
                throw different("etcd says:\n" + expected + "\nthe embedded one says:\n" + actual);
            }
            if (expected instanceof Message answer) {
                var header = answer.getDescriptorForType().findFieldByName("header");
                known.reached(((ResponseHeader) answer.getField(header)).getRevision());
            } else {
                refused++;
            }
            return expected;
        }

        private Object answered(Future<Object> asked) {
            try {
                return asked.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("request " + sent + " of seed " + SEED, e);
            }
        }

        /** What etcd has not replayed yet would be lost for the watch, so first everything is heard. */
        private void compact(CompactionRequest request) {
            long at = request.getRevision();
            boolean takes = at > known.compacted() && at <= known.revision();
            if (takes) {
                settle();
                if (twice.contains(at)) {
                    return;
                }
            }
            if (both(request) instanceof Message) {
                known.compactedAt(at);
                // Refused, but only after the compaction has been done to the end.
                both(request.toBuilder().setPhysical(true).build());
            }
        }

        private void watch() {
            TwinStream stream = requests.oneOf(streams);
            if (requests.oneIn(12)) {
                remember("cancel of a watch that is not there");
                stream.cancelUnknown(-7);
            } else if (requests.oneIn(6) || stream.open().size() > WATCHES) {
                ask(stream);
            } else {
                create(stream);
            }
        }

        /** How far it has come, and then to end some of its watches. */
        private void ask(TwinStream stream) {
            settle();
            if (!stream.hasOneOfTheFuture()) {
                remember("request for progress");
                stream.progress(known.revision());
                settle();
            }
            for (int i = random.nextInt(5); i > 0 && !stream.open().isEmpty(); i--) {
                long id = requests.oneOf(stream.open());
                remember("cancel of watch " + id);
                stream.cancel(id);
            }
        }

        private void create(TwinStream stream) {
            long start = Math.max(0, requests.revision());
            WatchCreateRequest.Builder watch = WatchCreateRequest.newBuilder()
                    .setKey(requests.key())
                    .setRangeEnd(requests.end())
                    .setStartRevision(start)
                    .setPrevKv(random.nextBoolean())
                    .setProgressNotify(requests.oneIn(8));
            while (requests.oneIn(5)) {
                watch.addFiltersValue(requests.oneIn(10) ? 5 : random.nextInt(2));
            }
            long id = requests.oneIn(3) ? random.nextInt(6) : 0;
            remember("watch ", id, watch.build());
            if (stream.create(watch, id, requests.oneIn(3), known.revision())) {
                replayIsOpen |= start > 0 && start <= known.revision();
            } else {
                refused++;
            }
        }

        /**
         * Waits until both have told everything, and compares it. etcd replays all waiting histories in one go, every 100 ms: with
         * the end of our own, all others have ended, too.
         */
        void settle() {
            long barrier = putBarrier();
            if (replayIsOpen) {
                own.create(
                        WatchCreateRequest.newBuilder()
                                .setKey(TwinStream.BARRIER_KEY)
                                .setStartRevision(barrier),
                        HISTORY,
                        false,
                        known.revision());
                own.awaitReplay(HISTORY);
                own.cancel(HISTORY);
                barrier = putBarrier();
                replayIsOpen = false;
            }
            compare(own, "the test's own stream", barrier);
            for (int i = 0; i < streams.size(); i++) {
                compare(streams.get(i), "stream " + i, barrier);
            }
        }

        private long putBarrier() {
            both(PutRequest.newBuilder()
                    .setKey(TwinStream.BARRIER_KEY)
                    .setValue(ByteString.copyFromUtf8("b"))
                    .build());
            return known.revision();
        }

        private void compare(TwinStream stream, String name, long barrier) {
            stream.awaitBarrier(barrier);
            stream.compare((expected, actual) -> sameTold(name, expected, actual));
        }
    }

    private void sameTold(String name, Map<String, List<Message>> expected, Map<String, List<Message>> actual) {
        expected.values().forEach(answers -> answers.forEach(this::noteDoubleChanges));
        if (expected.equals(actual)) {
            return;
        }
        Set<String> watches = new HashSet<>(expected.keySet());
        watches.addAll(actual.keySet());
        watches.removeIf(watch -> Objects.equals(expected.get(watch), actual.get(watch)));
        String watch = watches.iterator().next();
        List<Message> one = expected.getOrDefault(watch, List.of());
        List<Message> other = actual.getOrDefault(watch, List.of());
        int first = 0;
        while (first < one.size() && first < other.size() && one.get(first).equals(other.get(first))) {
            first++;
        }
        throw different(name + ", " + watch + ", after " + first + " equal answers: etcd tells\n"
                + one.subList(first, one.size()) + "\nthe embedded one tells\n" + other.subList(first, other.size()));
    }

    private void noteDoubleChanges(Message told) {
        if (told instanceof WatchResponse answer && answer.getWatchId() == EVERYTHING) {
            Set<ByteString> keys = new HashSet<>();
            for (Event event : answer.getEventsList()) {
                if (!keys.add(event.getKv().getKey())) {
                    twice.add(event.getKv().getModRevision());
                }
            }
        }
    }

    /** Told only if it has to be: big answers make long texts. */
    private void remember(Object... parts) {
        int number = sent;
        past.addLast(() -> "#" + number + " "
                + shortened(Stream.of(parts).map(String::valueOf).collect(Collectors.joining(" "))));
        if (past.size() > 12) {
            past.removeFirst();
        }
    }

    private AssertionError different(String difference) {
        return new AssertionError("request " + sent + " of seed " + SEED + " (repeat it with -Dembedded.seed=" + SEED
                + "): " + shortened(difference) + "\nthe last requests:\n"
                + past.stream().map(Supplier::get).collect(Collectors.joining("\n")));
    }

    private static String shortened(String text) {
        return text.length() <= 6000 ? text : text.substring(0, 6000) + "… (" + text.length() + " characters)";
    }
}
