package org.etcdjakarta.itests.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.MaintenanceGrpc;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etcdjakarta.embedded.EmbeddedEtcd;
import org.etcdjakarta.itests.support.Etcdctl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** etcd's own command, of the line that the build asks for, against the embedded etcd. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class EtcdctlIT {

    /** As etcd's default, five seconds, would be little on a busy machine. */
    private static final String PATIENCE = "--command-timeout=120s";

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final Etcdctl etcdctl = Etcdctl.to(etcd.endpoint());

    @AfterEach
    void close() {
        etcd.close();
    }

    @Test
    void keysArePutReadAtTheirRevisionsDeletedAndCompacted() {
        etcdctl.put("/k/1", "one");
        etcdctl.put("/k/2", "two");
        etcdctl.put("/k/1", "uno");

        assertThat(etcdctl.get("/k/1")).contains("uno");
        assertThat(etcdctl.keys("/k/")).containsExactly("/k/1", "/k/2");
        assertThat(run("get", "/k/1", "--rev=2", "--print-value-only")).isEqualTo("one\n");
        assertThat(etcdctl.modRevision("/k/1")).isEqualTo(4);
        assertThat(run("compaction", "4")).contains("compacted revision 4");
        assertFails("required revision has been compacted", "get", "/k/1", "--rev=2");
        assertThat(run("del", "--prefix", "--prev-kv", "/k/")).isEqualTo("2\n/k/1\nuno\n/k/2\ntwo\n");
        assertThat(etcdctl.revision()).isEqualTo(5);
    }

    @Test
    void aTxnFollowsItsCompares() throws IOException {
        etcdctl.put("k", "1");

        assertThat(txn("mod(\"k\") = \"2\"\n\nput k 2\nget k\n\nget k\n\n")).contains("SUCCESS", "OK", "k\n2\n");
        assertThat(txn("value(\"k\") = \"1\"\n\nput k 3\n\nget k\n\n")).contains("FAILURE", "k\n2\n");
        assertThat(etcdctl.get("k")).contains("2");
    }

    @Test
    void aWatchSeesHistoryAndWhatComes() throws IOException {
        etcdctl.put("k", "1");
        Process watch = etcdctl.start("watch", "k", "--rev=2");
        try (BufferedReader seen = watch.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines(seen, 3)).isEqualTo("PUT\nk\n1\n");
            etcdctl.put("k", "2");
            assertThat(lines(seen, 3)).isEqualTo("PUT\nk\n2\n");
            etcdctl.delete("k");
            assertThat(lines(seen, 2)).isEqualTo("DELETE\nk\n");
        } finally {
            watch.destroyForcibly();
        }
    }

    @Test
    void aLeaseIsGrantedKeptListedAndTakesItsKeyAlong() {
        String lease = group("lease ([0-9a-f]+) granted with TTL\\(60s\\)", run("lease", "grant", "60"));
        run("put", "--lease=" + lease, "k", "1");

        assertThat(run("lease", "timetolive", "--keys", lease)).contains("granted with TTL(60s)", "attached keys([k])");
        assertThat(run("lease", "keep-alive", "--once", lease)).contains("keepalived with TTL(60)");
        assertThat(run("lease", "list")).contains("found 1 leases", lease);
        assertThat(run("lease", "revoke", lease)).contains("revoked");
        assertThat(etcdctl.get("k")).isEmpty();
        assertThat(run("lease", "timetolive", lease)).contains("already expired");
    }

    @Test
    void aLockIsWaitedForUntilItsHolderLeaves() throws IOException {
        Process holder = etcdctl.start("lock", "job");
        Process next = null;
        try (BufferedReader held = holder.inputReader(StandardCharsets.UTF_8)) {
            assertThat(held.readLine()).startsWith("job/");
            next = etcdctl.start("lock", "job", "echo", "mine");
            awaitKeys("job/", 2);
            assertThat(next.isAlive()).isTrue();

            holder.destroy();

            assertThat(output(next)).contains("mine");
        } finally {
            holder.destroyForcibly();
            if (next != null) {
                next.destroyForcibly();
            }
        }
    }

    @Test
    void anElectionHasOneLeaderAndItsListenersHearOfTheNext() throws IOException {
        Process first = etcdctl.start("elect", "chair", "one");
        Process second = null;
        Process listener = null;
        try (BufferedReader won = first.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines(won, 2)).startsWith("chair/").endsWith("\none\n");
            listener = etcdctl.start("elect", "--listen", "chair");
            BufferedReader heard = listener.inputReader(StandardCharsets.UTF_8);
            assertThat(lines(heard, 2)).endsWith("\none\n");
            second = etcdctl.start("elect", "chair", "two");
            awaitKeys("chair/", 2);

            first.destroy();

            assertThat(lines(heard, 2)).endsWith("\ntwo\n");
            assertThat(lines(second.inputReader(StandardCharsets.UTF_8), 2)).endsWith("\ntwo\n");
        } finally {
            first.destroyForcibly();
            if (second != null) {
                second.destroyForcibly();
            }
            if (listener != null) {
                listener.destroyForcibly();
            }
        }
    }

    @Test
    void theOneMemberIsListedHealthyAndItsOwnLeader(@TempDir Path folder) {
        String member = group("^([0-9a-f]+), started, ", run("member", "list"));

        assertThat(run("member", "list")).contains(etcd.endpoint());
        assertThat(run("endpoint", "status")).contains(member, "3.5.", "true");
        assertThat(run("endpoint", "hashkv")).startsWith(etcd.endpoint() + ", ");
        assertThat(run("move-leader", member)).contains("Leadership transferred");
        assertThat(run("member", "update", member, "--peer-urls=http://10.0.0.1:2380"))
                .contains("updated");
        assertThat(run("member", "list")).contains("http://10.0.0.1:2380");
        assertThat(run("defrag")).contains("Finished defragmenting");
        assertFails("not enough started members", "member", "remove", member);
        assertFails("unhealthy cluster", "member", "add", "x", "--peer-urls=http://10.0.0.2:2380");
        assertFails(
                "there is no snapshot to send",
                "snapshot",
                "save",
                folder.resolve("snapshot").toString());
    }

    @Test
    void anAlarmIsListedForbidsToPutAndIsDisarmed() {
        var unused = MaintenanceGrpc.newBlockingStub(etcd.channel())
                .alarm(AlarmRequest.newBuilder()
                        .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                        .setAlarm(AlarmType.NOSPACE)
                        .setMemberID(7)
                        .build());

        assertThat(run("alarm", "list")).contains("memberID:7 alarm:NOSPACE");
        assertThat(run("endpoint", "status")).contains("alarm:NOSPACE");
        assertFails("database space exceeded", "put", "k", "1");
        assertThat(run("alarm", "disarm")).contains("memberID:7 alarm:NOSPACE");
        assertThat(run("put", "k", "1")).contains("OK");
    }

    @Test
    void usersHaveTheirPasswordsRolesAndPermissions() {
        run("user", "add", "root:secret");
        run("user", "add", "u:p");
        run("role", "add", "r");
        run("role", "grant-permission", "r", "readwrite", "a");
        run("role", "grant-permission", "r", "read", "--prefix", "b/");
        run("user", "grant-role", "u", "r");
        assertThat(run("auth", "enable")).contains("Authentication Enabled");

        assertThat(run("--user=u:p", "put", "a", "1")).contains("OK");
        assertThat(run("--user=u:p", "get", "a", "--print-value-only")).isEqualTo("1\n");
        assertThat(run("--user=u:p", "get", "--prefix", "b/")).isEmpty();
        assertFails("permission denied", "--user=u:p", "put", "b/1", "1");
        assertFails("permission denied", "--user=u:p", "user", "list");
        assertFails("user name is empty", "put", "a", "1");
        assertFails("authentication failed, invalid user ID or password", "--user=u:q", "get", "a");

        assertThat(run("--user=root:secret", "role", "get", "r")).contains("KV Read:", "KV Write:", "[b/, b0)");
        assertThat(run("--user=root:secret", "user", "get", "u")).contains("Roles: r");
        run("--user=root:secret", "role", "revoke-permission", "r", "a");
        assertFails("permission denied", "--user=u:p", "put", "a", "2");
        run("--user=root:secret", "user", "delete", "u");
        assertThat(run("--user=root:secret", "user", "list")).isEqualTo("root\n");
        assertThat(run("--user=root:secret", "auth", "disable")).contains("Authentication Disabled");
        assertThat(run("get", "a", "--print-value-only")).isEqualTo("1\n");
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = PATIENCE;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return etcdctl.run(all);
    }

    private void assertFails(String message, String... arguments) {
        assertThatThrownBy(() -> run(arguments)).hasMessageContaining(message);
    }

    private String txn(String input) throws IOException {
        Process txn = etcdctl.start(PATIENCE, "txn");
        try (Writer requests = txn.outputWriter(StandardCharsets.UTF_8)) {
            requests.write(input);
        }
        return output(txn);
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String lines(BufferedReader reader, int count) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(reader.readLine()).append('\n');
        }
        return lines.toString();
    }

    private void awaitKeys(String prefix, int count) {
        await().atMost(2, TimeUnit.MINUTES).until(() -> etcdctl.keys(prefix).size() == count);
    }

    private static String group(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }
}
