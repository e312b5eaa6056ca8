package org.etcdjakarta.itests.benchmark;

/** Who keeps leases alive. */
enum LeaseKind {
    /** {@code Lease.keepAlive} of a link, with an observer for each lease. */
    OURS("`Lease.keepAlive` of a link"),
    /** A session of a link for each lease. */
    SESSIONS("a `Session` for each lease"),
    /** jetcd's own client with default settings. */
    JETCD("`Lease.keepAlive` of jetcd 0.8.7");

    private final String title;

    LeaseKind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    String classPath() {
        return ClassPaths.of(this == JETCD ? Variant.JETCD : Variant.OURS);
    }
}
