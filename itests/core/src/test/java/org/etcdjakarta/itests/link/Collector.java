package org.etcdjakarta.itests.link;

import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.watch.RevisionBatch;
import org.etcdjakarta.core.watch.WatchConsumer;

/** Keeps what a watch delivers. */
public final class Collector implements WatchConsumer {

    private final List<RevisionBatch> batches = new ArrayList<>();
    private final List<EtcdGap> gaps = new ArrayList<>();
    private final List<EtcdException> failures = new ArrayList<>();
    private boolean created;

    @Override
    public synchronized void onCreated(long revision) {
        created = true;
    }

    @Override
    public synchronized void onBatch(RevisionBatch batch) {
        batches.add(batch);
    }

    @Override
    public synchronized void onGap(EtcdGap gap) {
        gaps.add(gap);
    }

    @Override
    public synchronized void onFailure(EtcdException failure) {
        failures.add(failure);
    }

    public synchronized boolean isCreated() {
        return created;
    }

    public synchronized List<RevisionBatch> batches() {
        return List.copyOf(batches);
    }

    public synchronized List<Long> revisions() {
        return batches.stream().map(RevisionBatch::revision).toList();
    }

    public synchronized List<EtcdGap> gaps() {
        return List.copyOf(gaps);
    }

    public synchronized List<EtcdException> failures() {
        return List.copyOf(failures);
    }
}
