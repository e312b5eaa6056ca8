package org.etcdjakarta.core.recipe;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.session.Session;
import org.etcdjakarta.embedded.EmbeddedEtcd;

/** Several processes, as far as etcd can see, over one embedded etcd; and threads that the tests tell what to do. */
final class RecipeClients {

    static final Duration GENEROUS = Duration.ofSeconds(60);
    static final String NAMESPACE = "/app/";

    final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final List<AutoCloseable> open = new ArrayList<>();
    final EtcdLink link = link(Duration.ofSeconds(30));

    /** One process: a session and its recipes. */
    record Client(Session session, Recipes recipes) {}

    EtcdLink link(Duration requestTimeout) {
        EtcdLink opened = EtcdLink.open(EtcdLinkConfig.builder()
                .endpoints(etcd.endpoint())
                .namespace(NAMESPACE)
                .requestTimeout(requestTimeout)
                .build());
        open.add(opened);
        return opened;
    }

    Client client() {
        return client(link);
    }

    Client client(EtcdLink over) {
        Session session = over.newSession(Duration.ofSeconds(60));
        get(session.connected());
        return new Client(session, new Recipes(over, session));
    }

    /** A thread of its own: locks belong to threads. */
    Worker worker() {
        Worker worker = new Worker();
        open.add(worker);
        return worker;
    }

    static final class Worker implements AutoCloseable {

        private final ExecutorService thread = Executors.newSingleThreadExecutor();

        <T> Future<T> begin(Callable<T> task) {
            return thread.submit(task);
        }

        <T> T call(Callable<T> task) {
            return get(begin(task));
        }

        void run(Runnable task) {
            var unused = call(() -> {
                task.run();
                return true;
            });
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }
    }

    static <T> T get(Future<T> future) {
        try {
            return future.get(GENEROUS.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("not in time");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** In the order in which they were created. */
    List<KeyValue> keys(String prefix) {
        return get(link.client()
                        .getKVClient()
                        .get(
                                bytes(prefix),
                                GetOption.builder()
                                        .isPrefix(true)
                                        .withSortField(GetOption.SortTarget.CREATE)
                                        .withSortOrder(GetOption.SortOrder.ASCEND)
                                        .build()))
                .getKvs();
    }

    int waiting(String prefix) {
        return keys(prefix).size();
    }

    long revision() {
        return get(link.client().getKVClient().get(bytes("/nothing")))
                .getHeader()
                .getRevision();
    }

    void delete(String prefix) {
        for (KeyValue kv : keys(prefix)) {
            var unused = get(link.client().getKVClient().delete(kv.getKey()));
        }
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    static ByteString physical(String key) {
        return ByteString.copyFromUtf8(NAMESPACE + key);
    }

    static <T> CompletableFuture<T> future() {
        return new CompletableFuture<>();
    }

    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        etcd.close();
    }
}
