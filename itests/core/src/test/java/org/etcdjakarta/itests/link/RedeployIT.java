package org.etcdjakarta.itests.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.etcd.jetcd.ByteSequence;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.Threads;
import org.etcdjakarta.itests.support.WithEtcd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a redeployment asks for: the link with everything below it in a class loader of its own, used on a thread that lives
 * on, closed and dropped. Whatever kept a single object of it, on that thread or in the JDK, would keep the class loader.
 */
@WithEtcd
class RedeployIT {

    private static final Duration GENEROUS = Duration.ofSeconds(60);

    private final EtcdServer etcd;
    private final ExecutorService server = Executors.newSingleThreadExecutor(task -> new Thread(task, "server"));

    RedeployIT(EtcdServer etcd) {
        this.etcd = etcd;
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    @Test
    void nothingOfAClosedLinkStaysBehind() throws Exception {
        server.submit(() -> {}).get(60, TimeUnit.SECONDS);
        Threads threads = Threads.snapshot();
        WeakReference<ClassLoader> leaking = deployUseAndDrop(LeakingUser.class.getName());
        WeakReference<ClassLoader> clean = deployUseAndDrop(LinkUser.class.getName());

        threads.awaitBack(GENEROUS);
        awaitCollected(clean, "the class loader of a link");
        // the control: one object on the server's thread is enough to be seen
        assertThat(leaking.get()).isNotNull();
    }

    /** Nothing of the class loader may be left on the stack of the test. */
    private WeakReference<ClassLoader> deployUseAndDrop(String user) throws Exception {
        return server.submit(() -> {
                    URLClassLoader application = classLoader();
                    Thread thread = Thread.currentThread();
                    ClassLoader before = thread.getContextClassLoader();
                    thread.setContextClassLoader(application);
                    try {
                        @SuppressWarnings("unchecked")
                        Function<String, String> use = (Function<String, String>)
                                application.loadClass(user).getConstructor().newInstance();
                        assertThat(use.getClass().getClassLoader()).isSameAs(application);
                        assertThat(use.apply(etcd.endpoint())).isEqualTo("v");
                    } finally {
                        thread.setContextClassLoader(before);
                        application.close();
                    }
                    return new WeakReference<ClassLoader>(application);
                })
                .get(120, TimeUnit.SECONDS);
    }

    /** A link that is everybody's, as that of a resource adapter; its first caller is an application, and goes. */
    @Test
    void linkThatLivesOnDoesNotKeepTheApplicationThatUsedIt() throws Exception {
        try (EtcdLink link = EtcdLink.open(Links.config(etcd.endpoint()).build())) {
            WeakReference<ClassLoader> application = useFromAnApplication(link);

            awaitCollected(application, "the class loader of an application");
            assertThat(Links.get(link.version())).isNotEmpty();
        }
    }

    /** The failure writes down the heap: only a path from a root tells who keeps it. */
    private static void awaitCollected(WeakReference<ClassLoader> loader, String what) throws IOException {
        try {
            await(what + " is collected").atMost(GENEROUS).until(() -> {
                System.gc();
                return loader.get() == null;
            });
        } catch (ConditionTimeoutException e) {
            Path heap =
                    Path.of("target", "RedeployIT-" + ProcessHandle.current().pid() + ".hprof");
            Files.deleteIfExists(heap);
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(heap.toString(), true);
            throw new AssertionError(
                    "%s, %s, is still held by something that is to be found in %s; threads and their class loaders:%s"
                            .formatted(what, loader.get(), heap.toAbsolutePath(), threads()),
                    e);
        }
    }

    private static String threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(thread -> "\n" + thread + " " + thread.getContextClassLoader())
                .sorted()
                .collect(Collectors.joining());
    }

    private WeakReference<ClassLoader> useFromAnApplication(EtcdLink link) throws Exception {
        return server.submit(() -> {
                    try (Application application = new Application()) {
                        @SuppressWarnings("unchecked")
                        Consumer<EtcdLink> caller = (Consumer<EtcdLink>) application
                                .loadClass(Caller.class.getName())
                                .getConstructor()
                                .newInstance();
                        assertThat(caller.getClass().getClassLoader()).isSameAs(application);
                        Thread.currentThread().setContextClassLoader(application);
                        caller.accept(link);
                        return new WeakReference<ClassLoader>(application);
                    } finally {
                        Thread.currentThread().setContextClassLoader(null);
                    }
                })
                .get(120, TimeUnit.SECONDS);
    }

    /** Has the caller only; the link comes from the parent. */
    private static final class Application extends URLClassLoader {

        Application() {
            super(urls(), RedeployIT.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(Caller.class.getName())) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }

    /** Blocking and asynchronous calls, so that the link starts threads of every kind. */
    public static final class Caller implements Consumer<EtcdLink> {
        @Override
        public void accept(EtcdLink link) {
            var kv = link.client().getKVClient();
            ByteSequence key = ByteSequence.from("/k", StandardCharsets.UTF_8);
            kv.put(key, key).join();
            CompletableFuture<String> later = new CompletableFuture<>();
            var unused = kv.get(key).thenAccept(answer -> later.complete("" + answer.getCount()));
            later.join();
        }
    }

    private static URLClassLoader classLoader() {
        return new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader());
    }

    private static URL[] urls() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (MalformedURLException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toArray(URL[]::new);
    }
}
