package org.etcdjakarta.core.watch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;

/** Writes down what a watch tells. */
class Recorder implements WatchConsumer {

    final List<Long> created = new ArrayList<>();
    final List<Long> revisions = new ArrayList<>();
    final List<Long> progress = new ArrayList<>();
    final List<String> values = new ArrayList<>();
    final List<EtcdGap> gaps = new ArrayList<>();
    final List<EtcdException> failures = new ArrayList<>();

    @Override
    public void onCreated(long revision) {
        created.add(revision);
    }

    @Override
    public void onBatch(RevisionBatch batch) {
        revisions.add(batch.revision());
        batch.events()
                .forEach(event -> values.add(event.getKeyValue().getValue().toString(StandardCharsets.UTF_8)));
    }

    @Override
    public void onProgress(long revision) {
        progress.add(revision);
    }

    @Override
    public void onGap(EtcdGap gap) {
        gaps.add(gap);
    }

    @Override
    public void onFailure(EtcdException failure) {
        failures.add(failure);
    }
}
