package org.etcdjakarta.itests.jetcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.etcdjakarta.EtcdUnavailableException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs written for jetcd see the same on its own client and on a link's. */
@WithEtcd
class LikeJetcdIT {

    private final EtcdServer etcd;
    private final JetcdLoader jetcd;

    LikeJetcdIT(EtcdServer etcd) throws IOException {
        this.etcd = etcd;
        this.jetcd = JetcdLoader.shared();
    }

    static Stream<String> programs() {
        return Programs.names().stream();
    }

    @Test
    void jetcdIsReallyTheOther() throws Exception {
        assertThat(jetcd.isApartFrom(getClass().getClassLoader())).isTrue();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void everyFieldIsTheSame(String program) throws Exception {
        assertNoDifference(program, Access.to(etcd.endpoint()));
    }

    @Test
    void namespaceIsTheSame() throws Exception {
        etcd.etcdctl().put("/mine-not", "outside");
        assertNoDifference("namespace", Access.to(etcd.endpoint()).namespace("/mine/"));
    }

    @Test
    void emptyPrefixIsEverythingWithUsOnly() throws Exception {
        assertThat(differences("emptyPrefix", Access.to(etcd.endpoint())))
                .contains(
                        "emptyPrefix.failed.says: jetcd etcdserver: key is not provided, ours (not there)",
                        "emptyPrefix.getCount: jetcd (not there), ours 1",
                        "emptyPrefixDeleted.failed.says: jetcd etcdserver: key is not provided, ours (not there)",
                        "emptyPrefixDeleted.getDeleted: jetcd (not there), ours 1");
        etcd.etcdctl().deletePrefix("/");
    }

    @Test
    void userIsTheSame() throws Exception {
        try (EtcdServer guarded = EtcdServer.start()) {
            guarded.etcdctl("user", "add", "root:secret");
            guarded.etcdctl("role", "add", "root");
            guarded.etcdctl("user", "grant-role", "root", "root");
            guarded.etcdctl("role", "add", "mine");
            guarded.etcdctl("role", "grant-permission", "mine", "readwrite", "--prefix=true", "/mine/");
            guarded.etcdctl("user", "add", "ann:password of ann");
            guarded.etcdctl("user", "grant-role", "ann", "mine");
            guarded.etcdctl("auth", "enable");
            Access ann = Access.to(guarded.endpoint()).as("ann", "password of ann");
            assertSame("withPassword", ann);
            // jetcd loses etcd's answer (INVALID_ARGUMENT, "authentication failed, ...") and says UNAUTHENTICATED
            // without a word.
            assertThat(differences("withWrongPassword", ann.as("ann", "password of bob")))
                    .hasSize(3)
                    .allMatch(text -> text.endsWith("failed.status: jetcd UNAUTHENTICATED, ours INVALID_ARGUMENT"));
        }
    }

    /** The negative control: what a program cannot rely on with jetcd. */
    @Test
    @SuppressWarnings("try") // the client is only there to be closed
    void callToADeadEtcdEndsWithUsOnly() throws Exception {
        try (EtcdServer dead = EtcdServer.start()) {
            dead.kill();
            EtcdLinkConfig config = EtcdLinkConfig.builder()
                    .endpoints(dead.endpoint())
                    .requestTimeout(Duration.ofSeconds(3))
                    .build();
            Map.Entry<CompletableFuture<?>, AutoCloseable> theirs = jetcd.startGet(dead.endpoint());
            try (AutoCloseable client = theirs.getValue();
                    EtcdLink link = EtcdLink.open(config)) {
                assertThatThrownBy(() ->
                                link.client().getKVClient().get(Text.b("/any")).get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(EtcdUnavailableException.class);
                assertThat(theirs.getKey()).isNotDone();
            }
        }
    }

    private void assertNoDifference(String program, Access access) throws Exception {
        try {
            assertSame(program, access);
        } finally {
            etcd.etcdctl().deletePrefix("");
        }
    }

    private void assertSame(String program, Access access) throws Exception {
        assertThat(differences(program, access)).as(program).isEmpty();
    }

    private List<String> differences(String program, Access access) throws Exception {
        List<String> theirs = jetcd.run(program, access);
        if (access.user().isEmpty()) {
            etcd.etcdctl().deletePrefix(access.namespace().isEmpty() ? "/" : access.namespace());
        }
        List<String> ours = OurJetcd.run(program, access);
        assertThat(theirs).as("what %s sees on jetcd", program).isNotEmpty();
        return Comparison.differences(theirs, ours);
    }
}
