package org.etcdjakarta.itests.watch;

import io.etcd.jetcd.watch.WatchEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;
import org.etcdjakarta.core.watch.WatchSpec;

/** Everything that one watch of a prefix was told, in order. */
final class WatchHistory implements WatchConsumer {

    private final String prefix;
    private final WatchSpec spec;
    private final List<Told> told;

    WatchHistory(String prefix, WatchSpec spec) {
        this(prefix, spec, List.of());
    }

    private WatchHistory(String prefix, WatchSpec spec, List<Told> told) {
        this.prefix = prefix;
        this.spec = spec;
        this.told = new ArrayList<>(told);
    }

    /** As it stands, or as a negative control makes it up. */
    WatchHistory with(List<Told> entries) {
        return new WatchHistory(prefix, spec, entries);
    }

    WatchSpec spec() {
        return spec;
    }

    String prefix() {
        return prefix;
    }

    @Override
    public void onCreated(long revision) {
        add(new Told.Created(revision));
    }

    @Override
    public void onBatch(RevisionBatch batch) {
        add(new Told.Batch(batch));
    }

    @Override
    public void onProgress(long revision) {
        add(new Told.Progress(revision));
    }

    @Override
    public void onGap(EtcdGap gap) {
        add(new Told.Gap(gap));
    }

    @Override
    public void onFailure(EtcdException failure) {
        add(new Told.Failed(failure));
    }

    private synchronized void add(Told entry) {
        told.add(entry);
    }

    synchronized List<Told> told() {
        return List.copyOf(told);
    }

    Stream<RevisionBatch> batches() {
        return told().stream().filter(Told.Batch.class::isInstance).map(entry -> ((Told.Batch) entry).batch());
    }

    static String key(WatchEvent event) {
        return event.getKeyValue().getKey().toString(StandardCharsets.UTF_8);
    }

    static boolean isPut(WatchEvent event) {
        return event.getEventType() == WatchEvent.EventType.PUT;
    }
}
