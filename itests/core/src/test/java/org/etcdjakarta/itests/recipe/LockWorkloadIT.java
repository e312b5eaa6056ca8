package org.etcdjakarta.itests.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.etcdjakarta.itests.recipe.LockWorkload.Result;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;

/** No lock alone keeps a counter over lost leases and killed servers; one whose token is compared does. {@code -Dlock.kills=} does more. */
@WithEtcd
class LockWorkloadIT {

    private static final int FAULTS = Integer.getInteger("lock.kills", 50);

    @Test
    void counterUnderTheFencingCompareLosesNoUpdate(EtcdServer etcd) {
        Result result = new LockWorkload(etcd, true, FAULTS).run();
        System.out.println("guarded: " + result);

        assertThat(result.losses() + result.kills()).isGreaterThanOrEqualTo(FAULTS);
        assertThat(result.counter()).isEqualTo(result.increments());
        assertThat(result.increments()).isGreaterThanOrEqualTo(result.acknowledged());
        // Holders that had lost the lock did come and were sent away.
        assertThat(result.refused()).isGreaterThan(0);
    }

    @Test
    void negativeControlCounterUnderTheLockAloneLosesUpdates(EtcdServer etcd) {
        Result result = new LockWorkload(etcd, false, 5).run();
        System.out.println("unguarded: " + result);

        assertThat(result.refused()).isZero();
        assertThat(result.counter()).isLessThan(result.increments());
    }
}
