package org.etcdjakarta.itests.jetcd;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.etcdjakarta.itests.support.Repository;
import org.jspecify.annotations.Nullable;

/**
 * jetcd with all that it asks for and the programs, apart from the tests' own class path, which has neither Vert.x nor netty. Never
 * closed: threads of netty outlive jetcd's clients and want classes until their very end.
 */
final class JetcdLoader {

    private static @Nullable JetcdLoader shared;

    private final URLClassLoader loader;

    private JetcdLoader() throws IOException {
        Path classPath = Repository.root().resolve("itests/benchmark/jetcd/target/classpath");
        URL programs = RealJetcd.class.getProtectionDomain().getCodeSource().getLocation();
        URL[] jars = Stream.of(Files.readString(classPath).strip().split(File.pathSeparator))
                .map(JetcdLoader::url)
                .toArray(URL[]::new);
        loader = new URLClassLoader(
                Stream.concat(Stream.of(programs), Stream.of(jars)).toArray(URL[]::new),
                ClassLoader.getPlatformClassLoader());
    }

    static synchronized JetcdLoader shared() throws IOException {
        JetcdLoader known = shared;
        if (known == null) {
            known = new JetcdLoader();
            shared = known;
        }
        return known;
    }

    private static URL url(String path) {
        try {
            return Path.of(path).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(path, e);
        }
    }

    @SuppressWarnings("unchecked")
    List<String> run(String program, Access access) throws Exception {
        return (List<String>) call(
                RealJetcd.class.getName(),
                "run",
                program,
                access.endpoint(),
                access.namespace(),
                access.user(),
                access.password());
    }

    @SuppressWarnings("unchecked")
    Map.Entry<CompletableFuture<?>, AutoCloseable> startGet(String endpoint) throws Exception {
        return (Map.Entry<CompletableFuture<?>, AutoCloseable>) call(RealJetcd.class.getName(), "startGet", endpoint);
    }

    @SuppressWarnings("unchecked")
    Map.Entry<Queue<Long>, AutoCloseable> startWatch(String endpoint, String prefix, long revision) throws Exception {
        return (Map.Entry<Queue<Long>, AutoCloseable>)
                call(RealJetcd.class.getName(), "startWatch", endpoint, prefix, String.valueOf(revision));
    }

    AutoCloseable startWatches(String endpoint, int count) throws Exception {
        return (AutoCloseable) call(RealJetcd.class.getName(), "startWatches", endpoint, String.valueOf(count));
    }

    private Object call(String type, String method, String... arguments) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        Class<?>[] parameters = Stream.of(arguments).map(Object::getClass).toArray(Class<?>[]::new);
        // gRPC looks for its name resolvers there.
        thread.setContextClassLoader(loader);
        try {
            return loader.loadClass(type).getMethod(method, parameters).invoke(null, (Object[]) arguments);
        } catch (InvocationTargetException e) {
            throw new AssertionError("on the real jetcd", e.getCause());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    boolean isApartFrom(ClassLoader other) throws ClassNotFoundException {
        return loader.loadClass("io.etcd.jetcd.Client") != other.loadClass("io.etcd.jetcd.Client");
    }
}
