package org.etcdjakarta.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.enterprise.context.RequestScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.spi.EventMetadata;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.EtcdGap.Reason;
import org.etcdjakarta.cdi.EtcdWatch.OnFailure;
import org.etcdjakarta.testing.FakeEtcd;
import org.etcdjakarta.testing.Logged;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ObserversTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final FakeClients clients = new FakeClients();
    private final FakeEtcd etcd = clients.cluster("");
    private final List<SeContainer> containers = new ArrayList<>();

    @AfterEach
    void close() {
        containers.forEach(SeContainer::close);
    }

    @Singleton
    static class Typed {
        final List<Object> strings = new CopyOnWriteArrayList<>();
        final List<Object> integers = new CopyOnWriteArrayList<>();
        final List<Object> longs = new CopyOnWriteArrayList<>();
        final List<Object> doubles = new CopyOnWriteArrayList<>();
        final List<Object> booleans = new CopyOnWriteArrayList<>();
        final List<byte[]> bytes = new CopyOnWriteArrayList<>();

        void on(@Observes @EtcdWatch("/n/") EtcdEvent<String> change) {
            strings.add(change.value());
        }

        void integer(@Observes @EtcdWatch("/n/") EtcdEvent<Integer> change) {
            integers.add(change.value());
        }

        void longer(@Observes @EtcdWatch("/n/") EtcdEvent<Long> change) {
            longs.add(change.value());
        }

        void fraction(@Observes @EtcdWatch("/n/") EtcdEvent<Double> change) {
            doubles.add(change.value());
        }

        void flag(@Observes @EtcdWatch("/b") EtcdEvent<Boolean> change) {
            booleans.add(change.value());
        }

        void raw(@Observes @EtcdWatch("/n/") EtcdEvent<byte[]> change) {
            bytes.add(change.value());
        }
    }

    private static Stream<List<?>> allTypes(Typed seen) {
        return Stream.of(seen.strings, seen.integers, seen.longs, seen.doubles, seen.bytes);
    }

    @Test
    void everyObserverGetsItsOwnType() {
        Typed seen = start(Typed.class);

        etcd.put("/n/a", "7");
        etcd.put("/b", "TRUE");
        etcd.put("/bb", "false");

        // observers of one event come in no order, but each event is over before the next: after these two, all have
        // theirs
        etcd.put("/n/z", "8");
        await().atMost(PATIENCE)
                .until(() -> seen.booleans.size() == 1 && allTypes(seen).allMatch(list -> list.size() == 2));
        allTypes(seen).forEach(list -> list.remove(1));
        assertThat(seen.strings).containsExactly("7");
        assertThat(seen.integers).containsExactly(7);
        assertThat(seen.longs).containsExactly(7L);
        assertThat(seen.doubles).containsExactly(7.0);
        assertThat(seen.booleans).containsExactly(true);
        assertThat(seen.bytes.get(0)).containsExactly('7');
    }

    @Test
    void equalLiteralsShareOneWatch() {
        start(Typed.class);

        assertThat(etcd.calls()).containsExactlyInAnyOrder("watch /n/", "watch /b");
    }

    @Test
    void valueThatIsNoSuchTypeDoesNotStopTheOthers() {
        Typed seen = start(Typed.class);

        etcd.put("/n/a", "seven");
        etcd.put("/n/a", "8");

        await().atMost(PATIENCE).until(() -> seen.integers.size() == 1 && seen.strings.size() == 2);
        assertThat(seen.strings).containsExactly("seven", "8");
        assertThat(seen.integers).containsExactly(8);
    }

    @Singleton
    static class Picky {
        final List<EtcdEvent<String>> puts = new CopyOnWriteArrayList<>();
        final List<EtcdEvent<String>> deletes = new CopyOnWriteArrayList<>();
        final List<EtcdBatch<String>> batches = new CopyOnWriteArrayList<>();

        void put(@Observes @EtcdWatch(value = "/p/", delete = false) EtcdEvent<String> change) {
            puts.add(change);
        }

        void delete(@Observes @EtcdWatch(value = "/p/", put = false) EtcdEvent<String> change) {
            deletes.add(change);
        }

        void batch(@Observes @EtcdWatch(value = "/p/", delete = false) EtcdBatch<String> batch) {
            batches.add(batch);
        }
    }

    @Test
    void filtersAreEachObserversOwn() {
        Picky seen = start(Picky.class);

        etcd.put("/p/a", "1");
        etcd.put("/p/b", "2", "/p/a", null);

        await().atMost(PATIENCE).until(() -> seen.batches.size() == 2);
        assertThat(seen.puts).extracting(EtcdEvent::key).containsExactly("/p/a", "/p/b");
        assertThat(seen.deletes).singleElement().satisfies(change -> {
            assertThat(change.key()).isEqualTo("/p/a");
            assertThat(change.value()).isNull();
            assertThat(change.previous()).isEqualTo("1");
            assertThat(change.revision()).isEqualTo(etcd.revision());
        });
        assertThat(seen.batches.get(1).events()).extracting(EtcdEvent::key).containsExactly("/p/b");
    }

    @Singleton
    static class Clumsy {
        final List<Object> retried = new CopyOnWriteArrayList<>();
        final List<Object> ignored = new CopyOnWriteArrayList<>();
        final List<Object> stopped = new CopyOnWriteArrayList<>();
        final List<Object> parsed = new CopyOnWriteArrayList<>();

        void retry(@Observes @EtcdWatch("/f") EtcdEvent<String> change) {
            retried.add(String.valueOf(change.value()));
            if ("bad".equals(change.value()) && retried.size() < 3) {
                throw new IllegalStateException("not yet");
            }
        }

        void ignore(@Observes @EtcdWatch(value = "/f", onFailure = OnFailure.IGNORE) EtcdEvent<String> change) {
            ignored.add(String.valueOf(change.value()));
            throw new AssertionError("never");
        }

        void stop(@Observes @EtcdWatch(value = "/f", onFailure = OnFailure.STOP) EtcdEvent<String> change) {
            stopped.add(String.valueOf(change.value()));
            throw new IllegalStateException("enough");
        }

        void parse(@Observes @EtcdWatch(value = "/f", onFailure = OnFailure.STOP) EtcdEvent<Integer> change) {
            parsed.add(change);
        }
    }

    @Test
    void failuresFollowEachObserversPolicy() {
        Clumsy seen = start(Clumsy.class);

        etcd.put("/f", "bad");
        etcd.put("/f", "good");
        etcd.put("/f", "1");

        await().atMost(PATIENCE).until(() -> seen.ignored.size() == 3 && seen.retried.size() == 5);
        assertThat(seen.retried).containsExactly("bad", "bad", "bad", "good", "1");
        assertThat(seen.ignored).containsExactly("bad", "good", "1");
        assertThat(seen.stopped).containsExactly("bad");
        assertThat(seen.parsed).as("stopped by a value that is no integer").isEmpty();
    }

    @Test
    void valueThatCannotBeReadIsNotLogged() {
        Clumsy seen = start(Clumsy.class);

        try (Logged logged = new Logged(WatchDispatcher.class)) {
            etcd.put("/f", "pa55word");
            etcd.putBytes("/f", new byte[] {(byte) 0xff});

            await().atMost(PATIENCE).until(() -> logged.lines().size() >= 3);
            assertThat(seen.parsed).isEmpty();
            assertThat(logged.lines())
                    .allMatch(line -> line.contains("ETCD-00415") && line.contains("'/f'"))
                    .noneMatch(line -> line.contains("pa55word"))
                    .anyMatch(line -> line.contains("no Integer"))
                    .anyMatch(line -> line.contains("not UTF-8"));
        }
    }

    @Singleton
    static class DeletesOnly {
        final List<EtcdEvent<Integer>> deletes = new CopyOnWriteArrayList<>();
        final List<EtcdEvent<String>> all = new CopyOnWriteArrayList<>();

        void deleted(
                @Observes @EtcdWatch(value = "/d/", put = false, onFailure = OnFailure.STOP)
                        EtcdEvent<Integer> change) {
            deletes.add(change);
        }

        void all(@Observes @EtcdWatch("/d/") EtcdEvent<String> change) {
            all.add(change);
        }
    }

    @Test
    void putThatCannotBeReadDoesNotStopAnObserverOfDeletes() {
        DeletesOnly seen = start(DeletesOnly.class);

        try (Logged logged = new Logged(WatchDispatcher.class)) {
            etcd.put("/d/a", "seven");
            etcd.put("/d/a", null);

            await().atMost(PATIENCE).until(() -> seen.all.size() == 2);
            assertThat(seen.deletes).extracting(EtcdEvent::key).containsExactly("/d/a");
            assertThat(logged.lines()).isEmpty();
        }
    }

    @Singleton
    static class Gaps {
        final List<EtcdGap> qualified = new CopyOnWriteArrayList<>();
        final List<EtcdGap> all = new CopyOnWriteArrayList<>();
        final List<EtcdEvent<String>> everywhere = new CopyOnWriteArrayList<>();

        void qualified(@Observes @EtcdWatch("/g/") EtcdGap gap) {
            qualified.add(gap);
        }

        void all(@Observes EtcdGap gap) {
            all.add(gap);
        }

        void everywhere(@Observes EtcdEvent<String> change) {
            everywhere.add(change);
        }
    }

    @Test
    void gapReachesObserversWithAndWithoutTheQualifier() {
        Gaps seen = start(Gaps.class);
        etcd.put("/g/a", "1");

        etcd.lose(Reason.COMPACTED);

        await().atMost(PATIENCE).until(() -> seen.qualified.size() == 1 && seen.all.size() == 1);
        assertThat(seen.all.get(0).state()).hasSize(1);
        assertThat(seen.everywhere).extracting(EtcdEvent::value).containsExactly("1");
    }

    @RequestScoped
    static class Note {
        private String text = "";

        String text() {
            return text;
        }

        void write(String written) {
            text = written;
        }
    }

    @Singleton
    static class Surroundings {
        final List<String> notes = new CopyOnWriteArrayList<>();
        final List<String> asynchronous = new CopyOnWriteArrayList<>();
        final List<Object> metadata = new CopyOnWriteArrayList<>();
        final List<ClassLoader> loaders = new CopyOnWriteArrayList<>();

        @Inject
        Note note;

        void on(@Observes @EtcdWatch("/s/") EtcdEvent<String> change, EventMetadata data) {
            notes.add(note.text());
            note.write("dirty");
            metadata.addAll(data.getQualifiers());
            loaders.add(Thread.currentThread().getContextClassLoader());
        }

        void async(@ObservesAsync @EtcdWatch("/s/") EtcdEvent<String> change) {
            asynchronous.add(String.valueOf(change.value()));
        }
    }

    @Test
    void observersHaveARequestOfTheirOwnTheLoaderAndTheMetadata() {
        Surroundings seen = start(Surroundings.class, Note.class);

        etcd.put("/s/a", "1");
        etcd.put("/s/a", "2");

        await().atMost(PATIENCE).until(() -> seen.asynchronous.size() == 2);
        assertThat(seen.notes).containsExactly("", "");
        assertThat(seen.metadata).contains(EtcdWatch.Literal.of("/s/"));
        assertThat(seen.loaders).containsOnly(Thread.currentThread().getContextClassLoader());
    }

    @Test
    void asynchronousObserversSeeTheOrderToo() {
        Surroundings seen = start(Surroundings.class, Note.class);
        List<String> values = IntStream.range(0, 200).mapToObj(String::valueOf).toList();

        values.forEach(value -> etcd.put("/s/a", value));

        await().atMost(PATIENCE).until(() -> seen.asynchronous.size() == values.size());
        assertThat(seen.asynchronous).containsExactlyElementsOf(values);
    }

    private <T> T start(Class<T> bean, Class<?>... more) {
        Class<?>[] all = new Class<?>[more.length + 1];
        all[0] = bean;
        System.arraycopy(more, 0, all, 1, more.length);
        SeContainer container = Containers.start(clients, all);
        containers.add(container);
        return container.select(bean).get();
    }
}
