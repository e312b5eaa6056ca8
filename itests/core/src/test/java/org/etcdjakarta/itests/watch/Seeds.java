package org.etcdjakarta.itests.watch;

import java.util.stream.LongStream;
import org.etcdjakarta.itests.support.EtcdServer;

/**
 * Which schedules run: ten a line of etcd in each build, a hundred with the profile {@code long} ({@code -Dwatch.schedules=10}), or the one
 * that a failure has named ({@code -Dwatch.seed=N}).
 */
final class Seeds {

    private Seeds() {}

    /** Each line of etcd has seeds of its own. */
    static LongStream of(int inEachBuild) {
        Long one = Long.getLong("watch.seed");
        if (one != null) {
            return LongStream.of(one);
        }
        long line = System.getProperty(EtcdServer.LINE_PROPERTY, "").equals("3.4") ? 4 : 5;
        int count = inEachBuild * Integer.getInteger("watch.schedules", 1);
        return LongStream.rangeClosed(1, count).map(number -> 1_000 * line + number);
    }
}
