package org.etcdjakarta.itests.benchmark;

/** A client that is fast because it does nothing would win: every answer is looked at. */
final class Check {

    private Check() {}

    static void found(long count) {
        if (count != 1) {
            throw new IllegalStateException("a get found " + count + " keys instead of 1");
        }
    }

    static void written(long revision) {
        if (revision < 2) {
            throw new IllegalStateException("a write was answered with revision " + revision);
        }
    }
}
