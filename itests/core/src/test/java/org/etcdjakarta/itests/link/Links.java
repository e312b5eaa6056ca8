package org.etcdjakarta.itests.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/** What tests over a link have in common. */
public final class Links {

    public static final Duration GENEROUS = Duration.ofSeconds(60);

    private Links() {}

    public static EtcdLinkConfig.Builder config(String endpoint) {
        return EtcdLinkConfig.builder().endpoints(endpoint).requestTimeout(Duration.ofSeconds(30));
    }

    /** A link whose calls give up quickly, for tests that want them to. */
    public static EtcdLink impatient(String endpoint) {
        return EtcdLink.open(impatientConfig(endpoint).build());
    }

    public static EtcdLinkConfig.Builder impatientConfig(String endpoint) {
        return config(endpoint).requestTimeout(Duration.ofSeconds(1));
    }

    /** Waits for the first answer, however impatient the link is. */
    public static void awaitConnected(EtcdLink link) {
        Awaitility.await().atMost(GENEROUS).ignoreExceptions().until(() -> {
            link.client().getKVClient().get(bytes("/")).get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
            return true;
        });
    }

    public static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    public static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    public static EtcdException failureOf(CompletableFuture<?> future) {
        try {
            future.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("succeeded");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EtcdException failure) {
                return failure;
            }
            throw new AssertionError("of another family", e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
