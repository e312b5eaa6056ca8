package org.etcdjakarta;

/** From jetcd's interfaces to the extensions of them that this package adds. */
final class Extensions {

    private Extensions() {}

    static <T> T cast(Class<T> extension, Object jetcds) {
        if (extension.isInstance(jetcds)) {
            return extension.cast(jetcds);
        }
        throw new IllegalArgumentException("a " + jetcds.getClass().getName() + " is no " + extension.getName()
                + "; allowed: what an EtcdConnection or the injection of etcd-jakarta hands out. jetcd's own client"
                + " has no such calls, and two copies of etcd-jakarta's API on one class path do not know each other");
    }
}
