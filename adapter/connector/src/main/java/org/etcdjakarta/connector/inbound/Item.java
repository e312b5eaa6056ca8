package org.etcdjakarta.connector.inbound;

import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdGap;

/** What waits in a lane. */
sealed interface Item {

    /** Up to which everything is delivered when this is. */
    long revision();

    /** Changes of one revision, those of the lane's keys. */
    record Changes(EtcdBatch<byte[]> batch) implements Item {

        @Override
        public long revision() {
            return batch.revision();
        }
    }

    /** Lost changes. Delivered in one lane while all others are idle, and moves the checkpoints of all of them. */
    record Lost(EtcdGap gap) implements Item {

        @Override
        public long revision() {
            return gap.revision();
        }

        /** Then no revision says anything that was noted before. */
        boolean isOfAnotherHistory() {
            return gap.reason() != EtcdGap.Reason.COMPACTED;
        }
    }

    /** Nothing for the bean; the first checkpoints, of all lanes at once: some of them alone would say nothing. */
    record Begun(long revision) implements Item {}

    /** Nothing for the bean; the checkpoint moves, so that etcd may forget what lies before. */
    record Progress(long revision) implements Item {}
}
