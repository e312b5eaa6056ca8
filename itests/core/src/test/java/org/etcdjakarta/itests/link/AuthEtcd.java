package org.etcdjakarta.itests.link;

import static org.awaitility.Awaitility.await;
import static org.etcdjakarta.itests.link.Links.GENEROUS;
import static org.etcdjakarta.itests.link.Links.bytes;
import static org.etcdjakarta.itests.link.Links.config;
import static org.etcdjakarta.itests.link.Links.get;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;

/** An etcd whose tokens live for a few seconds, and links to it as its root user, each with a token of its own. */
final class AuthEtcd implements AutoCloseable {

    enum Kind {
        /** Kept in the server's memory; each use makes it live longer. */
        SIMPLE,
        /** A JWT: lives as long as it was issued for. */
        SIGNED
    }

    private static final int TTL_SECONDS = 3;
    private static final Duration PROBE = Duration.ofMillis(500);

    private final EtcdServer etcd;
    private final Path key;
    private final Map<String, EtcdLink> links = new HashMap<>();
    private String expiredToken = "";
    private int opened;

    private AuthEtcd(EtcdServer etcd, Path key) {
        this.etcd = etcd;
        this.key = key;
    }

    static AuthEtcd start(Kind kind) throws IOException {
        byte[] secret = new byte[64];
        new SecureRandom().nextBytes(secret);
        Path key = Files.write(Files.createTempFile("etcd-test", ".key"), secret);
        EtcdServer etcd = EtcdServer.builder()
                .flags(
                        "--bcrypt-cost=4",
                        "--auth-token-ttl=" + TTL_SECONDS,
                        kind == Kind.SIMPLE
                                ? "--auth-token=simple"
                                : "--auth-token=jwt,priv-key=" + key + ",sign-method=HS256,ttl=" + TTL_SECONDS + "s")
                .start();
        etcd.etcdctl("role", "add", "root");
        etcd.etcdctl("user", "add", "root:r");
        etcd.etcdctl("user", "grant-role", "root", "root");
        etcd.etcdctl("role", "add", "changing");
        etcd.etcdctl("auth", "enable");
        return new AuthEtcd(etcd, key);
    }

    String endpoint() {
        return etcd.endpoint();
    }

    long authentications() {
        return etcd.metrics().handled("Authenticate");
    }

    /** Another one with a token of its own; configurations must differ to share nothing. */
    EtcdLink newLink() {
        return EtcdLink.open(config(etcd.endpoint())
                .user("root")
                .password(new char[] {'r'})
                .requestTimeout(Duration.ofSeconds(30).plusMillis(++opened))
                .build());
    }

    /** Opens links under these names and lets each fetch its token. */
    void open(String... names) {
        for (String name : names) {
            EtcdLink link = newLink();
            links.put(name, link);
            get(link.client().getKVClient().get(bytes("/k")));
        }
    }

    EtcdLink link(String name) {
        return Objects.requireNonNull(links.get(name));
    }

    String token(BareStubs bare) {
        return bare.token("root", "r");
    }

    String expiredToken() {
        return expiredToken;
    }

    /**
     * Returns when all tokens that were fetched and last used before have expired: those fetched here, later, have. A simple one
     * must not be tried twice, because the try alone makes it live on.
     */
    void awaitExpiry() {
        try (BareStubs bare = BareStubs.to(etcd.endpoint())) {
            Queue<String> tokens = new ArrayDeque<>();
            for (int i = 0; i < GENEROUS.dividedBy(PROBE); i++) {
                tokens.add(token(bare));
            }
            expiredToken = tokens.remove();
            await("expiry").pollInterval(PROBE).atMost(GENEROUS).until(() -> isRefused(bare, tokens.remove()));
        }
    }

    private static boolean isRefused(BareStubs bare, String token) {
        try {
            bare.kv(token).range(BareStubs.get("/k"));
            return false;
        } catch (StatusRuntimeException e) {
            return String.valueOf(e.getMessage()).contains("invalid auth token");
        }
    }

    void changeRoles() {
        etcd.etcdctl("--user=root:r", "role", "grant-permission", "changing", "read", "/changing" + ++opened);
    }

    @Override
    public void close() {
        links.values().forEach(EtcdLink::close);
        etcd.close();
        try {
            Files.delete(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
