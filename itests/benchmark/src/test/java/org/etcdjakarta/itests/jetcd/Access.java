package org.etcdjakarta.itests.jetcd;

/** How a client gets at etcd; the empty text for what it does without. */
record Access(String endpoint, String namespace, String user, String password) {

    static Access to(String endpoint) {
        return new Access(endpoint, "", "", "");
    }

    Access namespace(String prefix) {
        return new Access(endpoint, prefix, user, password);
    }

    Access as(String name, String secret) {
        return new Access(endpoint, namespace, name, secret);
    }
}
