package org.etcdjakarta.itests.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

@WithEtcd
class EtcdServerIT {

    private final EtcdServer etcd;

    EtcdServerIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @Test
    void runsTheVersionLineTheBuildAskedFor() {
        String line = System.getProperty(EtcdServer.LINE_PROPERTY, "");

        assertThat(etcd.etcdctl("endpoint", "status", "--write-out=json")).contains("\"version\":\"" + line);
    }

    @Test
    void witnessSeesValuesKeysAndRevisions() {
        Etcdctl witness = etcd.etcdctl();
        witness.put("/seen/a", "1");
        witness.put("/seen/b", "");

        assertThat(witness.get("/seen/a")).hasValue("1");
        assertThat(witness.get("/seen/b")).hasValue("");
        assertThat(witness.get("/seen/c")).isEmpty();
        assertThat(witness.keys("/seen/")).containsExactly("/seen/a", "/seen/b");
        assertThat(witness.modRevision("/seen/b")).isEqualTo(witness.revision());
        assertThat(witness.modRevision("/seen/c")).isZero();
        witness.deletePrefix("/seen/");
        assertThat(witness.keys("/seen/")).isEmpty();
    }

    @Test
    void dataAndEndpointSurviveStopAndKill() {
        String endpoint = etcd.endpoint();
        etcd.etcdctl().put("kept", "yes");

        etcd.restart();
        assertThat(etcd.etcdctl().get("kept")).hasValue("yes");

        etcd.kill();
        etcd.restart();
        assertThat(etcd.endpoint()).isEqualTo(endpoint);
        assertThat(etcd.etcdctl().get("kept")).hasValue("yes");
    }

    @Test
    void pausedServerAnswersOnlyAfterResume() {
        etcd.pause();
        try {
            assertThatThrownBy(() -> etcd.etcdctl("--command-timeout=1s", "get", "any"))
                    .hasMessageContaining("deadline exceeded");
        } finally {
            etcd.resume();
        }
        etcd.etcdctl().put("resumed", "yes");
        assertThat(etcd.etcdctl().get("resumed")).hasValue("yes");
    }

    @Test
    void metricsAreReadAndAWrongNameFails() {
        assertThat(etcd.metrics().watches()).isZero();
        assertThat(etcd.metrics().watchStreams()).isZero();
        assertThat(etcd.metrics().value("etcd_server_has_leader")).isEqualTo(1);
        assertThatThrownBy(() -> etcd.metrics().value("no_such_metric")).hasMessageContaining("no_such_metric");
    }

    @Test
    void failingCommandSaysWhatItPrinted() {
        assertThatThrownBy(() -> etcd.etcdctl("no-such-command")).hasMessageContaining("unknown command");
    }
}
