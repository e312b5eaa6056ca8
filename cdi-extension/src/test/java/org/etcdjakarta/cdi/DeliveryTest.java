package org.etcdjakarta.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import jakarta.enterprise.concurrent.ContextService;
import jakarta.enterprise.inject.spi.BeanManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.etcdjakarta.testing.FakeNaming;
import org.etcdjakarta.testing.Fakes;
import org.etcdjakarta.testing.Logged;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeliveryTest {

    private static final ClassLoader APPLICATION = new ClassLoader(null) {};

    private final List<ClassLoader> ran = new ArrayList<>();

    @AfterEach
    void stop() {
        FakeNaming.stop();
    }

    @Test
    void contextThatFailsDoesNotSwallowTheTask() {
        try (Delivery delivery = on(task -> {
                    throw new IllegalStateException("the application is disabled");
                });
                Logged logged = new Logged(Delivery.class)) {
            delivery.execute(() -> ran.add(Thread.currentThread().getContextClassLoader()));

            assertThat(ran).containsExactly(APPLICATION);
            assertThat(logged.lines()).singleElement().satisfies(line -> assertThat(line)
                    .contains("WARNING", "ETCD-00420", "the application is disabled"));
        }
    }

    @Test
    void taskThatFailsIsNotRunAgain() {
        try (Delivery delivery = on(Runnable::run)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> delivery.execute(() -> {
                        ran.add(Thread.currentThread().getContextClassLoader());
                        throw new IllegalArgumentException("the task's own");
                    }));

            assertThat(ran).containsExactly(APPLICATION);
        }
    }

    /** On a server whose context is this, and whose executor runs on the caller's thread. */
    private static Delivery on(Executor context) {
        Executor managed = Runnable::run;
        FakeNaming.start();
        FakeNaming.bind("java:comp/DefaultManagedExecutorService", managed);
        FakeNaming.bind(
                "java:comp/DefaultContextService",
                Fakes.of(ContextService.class, Map.of("createContextualProxy", () -> context)));
        Delivery delivery = new Delivery();
        delivery.start(Fakes.of(BeanManager.class, Map.of()), APPLICATION);
        return delivery;
    }
}
