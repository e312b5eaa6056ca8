package org.etcdjakarta.itests.watch;

import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdGap;
import org.etcdjakarta.core.watch.RevisionBatch;

/** One thing that a watch was told. */
sealed interface Told {

    record Created(long revision) implements Told {}

    record Batch(RevisionBatch batch) implements Told {
        long revision() {
            return batch.revision();
        }
    }

    /** Everything up to this revision has been told. */
    record Progress(long revision) implements Told {}

    record Gap(EtcdGap gap) implements Told {}

    record Failed(EtcdException failure) implements Told {}
}
