package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import jakarta.ejb.EJBException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RefusalTest {

    /** Of an application with a class loader of its own. */
    public static final class Bean implements Runnable {

        @Override
        public void run() {
            throw new EJBException("thrown by the bean");
        }
    }

    /** As servers make them around it. */
    public static final class Bean$$$view1 implements Supplier<EJBException> {

        @Override
        public EJBException get() {
            return new EJBException("no instance is free");
        }
    }

    private final ClassLoader application = new Application();
    private final Runnable bean = instance(Bean.class.getName(), Runnable.class);
    private final Object endpoint = new Object();

    private <T> T instance(String name, Class<T> type) {
        try {
            return type.cast(
                    application.loadClass(name).getDeclaredConstructor().newInstance());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Application extends ClassLoader {

        Application() {
            super(RefusalTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            return name.startsWith(Bean.class.getName()) ? own(name) : super.loadClass(name, resolve);
        }

        private Class<?> own(String name) {
            Class<?> there = findLoadedClass(name);
            if (there != null) {
                return there;
            }
            try (InputStream file = Objects.requireNonNull(getResourceAsStream(name.replace('.', '/') + ".class"))) {
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private boolean isOfContainer(Throwable failure) {
        return Refusal.isOfContainer(failure, bean.getClass(), endpoint);
    }

    @Test
    void containerThatHasNoInstanceFreeIsNotTheBean() {
        assertThat(isOfContainer(new EJBException("no instance is free"))).isTrue();
        assertThat(isOfContainer(new IllegalStateException(new EJBException("no instance is free"))))
                .isTrue();
    }

    @Test
    void whatTheContainerMadeForTheBeanIsNotTheBean() {
        Supplier<?> view = instance(Bean$$$view1.class.getName(), Supplier.class);
        assertThat(isOfContainer((EJBException) view.get())).isTrue();
    }

    @Test
    void whatCameThroughTheApplicationIsTheBeans() {
        assertThat(isOfContainer(catchThrowable(bean::run))).isFalse();
    }

    @Test
    void inDoubtItIsTheBeans() {
        assertThat(isOfContainer(new IllegalStateException("no class of the application here either")))
                .isFalse();
        assertThat(isOfContainer(new EJBException(new IllegalStateException("as containers wrap it"))))
                .isFalse();
        assertThat(Refusal.isOfContainer(new EJBException("no instance is free"), null, endpoint))
                .isFalse();
        EJBException bare = new EJBException("without a trace");
        bare.setStackTrace(new StackTraceElement[0]);
        assertThat(isOfContainer(bare)).isFalse();
    }
}
