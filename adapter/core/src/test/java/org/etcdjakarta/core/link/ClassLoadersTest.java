package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Links of their own copies of all classes, as in two archives on one server: gRPC looks for its services once a copy, so that
 * only a fresh one shows whose class loader it looks with.
 */
class ClassLoadersTest {

    /** Loaded by the copies: opens a link, and with it the services of gRPC. */
    public static final class Opener implements Function<String, AutoCloseable> {

        @Override
        public AutoCloseable apply(String endpoint) {
            EtcdLink link =
                    EtcdLink.open(EtcdLinkConfig.builder().endpoints(endpoint).build());
            try {
                ByteSequence key = ByteSequence.from("k", StandardCharsets.UTF_8);
                link.client().getKVClient().put(key, key).get(60, TimeUnit.SECONDS);
            } catch (Exception e) {
                link.close();
                throw new IllegalStateException(e);
            }
            return link;
        }
    }

    private static URLClassLoader copy() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @SuppressWarnings("unchecked")
    private static AutoCloseable open(ClassLoader copy, String endpoint, @Nullable ClassLoader context)
            throws Exception {
        Class<?> opener = copy.loadClass(Opener.class.getName());
        assertThat(opener).isNotSameAs(Opener.class);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(context);
        try {
            return ((Function<String, AutoCloseable>) opener.getConstructor().newInstance()).apply(endpoint);
        } finally {
            assertThat(thread.getContextClassLoader()).isSameAs(context);
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void linkOpensWithoutAContextClassLoader() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd();
                URLClassLoader copy = copy();
                AutoCloseable link = open(copy, etcd.endpoint(), null)) {
            assertThat(link).isNotNull();
            assertThat(etcd.puts).hasValue(1);
        }
    }

    @Test
    void servicesOfTheContextClassLoaderAreNotAsked(@TempDir Path application) throws Exception {
        Path services = Files.createDirectories(application.resolve("META-INF/services"));
        for (String service : List.of(
                "NameResolverProvider",
                "LoadBalancerProvider",
                "ManagedChannelProvider",
                "ServerProvider",
                "InternalConfiguratorRegistry")) {
            Files.writeString(services.resolve("io.grpc." + service), "no.such.Provider");
        }
        try (FakeEtcd etcd = new FakeEtcd();
                URLClassLoader copy = copy();
                URLClassLoader hostile =
                        new URLClassLoader(new URL[] {application.toUri().toURL()}, copy);
                AutoCloseable link = open(copy, etcd.endpoint(), hostile)) {
            assertThat(link).isNotNull();
            assertThat(etcd.puts).hasValue(1);
        }
    }

    @Test
    void twoCopiesHaveLinksSideBySide() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd();
                URLClassLoader one = copy();
                URLClassLoader other = copy();
                AutoCloseable first = open(one, etcd.endpoint(), one);
                AutoCloseable second = open(other, etcd.endpoint(), one)) {
            assertThat(first.getClass()).isNotSameAs(second.getClass());
            assertThat(etcd.puts).hasValue(2);
            assertThat(etcd.transports).hasValue(2);
        }
    }
}
