package org.etcdjakarta.itests.jetcd;

import io.etcd.jetcd.Client;

/** What somebody wrote who knows jetcd and has never heard of us. */
@FunctionalInterface
interface Program {

    void run(Client client, Transcript transcript) throws Exception;
}
