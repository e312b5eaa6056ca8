package org.etcdjakarta.itests.benchmark;

import io.etcd.jetcd.Client;

/** jetcd's own client with default settings; works only on jetcd's class path. */
final class RealJetcdCalls {

    private RealJetcdCalls() {}

    static KvCalls open(String endpoint) {
        Client client = Client.builder().endpoints(endpoint).build();
        return new JetcdKvCalls(client.getKVClient(), client::close);
    }
}
