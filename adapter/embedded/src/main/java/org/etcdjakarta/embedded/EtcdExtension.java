package org.etcdjakarta.embedded;

import io.grpc.ManagedChannel;
import java.util.List;
import org.etcdjakarta.embedded.faults.Faults;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives JUnit 5 tests an etcd: {@code @ExtendWith(EtcdExtension.class)}, and a parameter of type {@link EmbeddedEtcd},
 * {@link Faults} (its faults), {@link ManualClock} (its clock) or {@link ManagedChannel} (the channel to it in process).
 *
 * <p>Each test has an empty one of its own, which its {@code @BeforeEach} and {@code @AfterEach} methods see as well, so nothing
 * has to be reset; it is closed after the test. One that the constructor or {@code @BeforeAll} asks for is shared by all tests of
 * the class, with all that they do to it, and closed after the last one.
 *
 * <p>Its leases expire by the clock, which stands still until a test moves it.
 */
public final class EtcdExtension implements ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(EtcdExtension.class);

    private static final List<Class<?>> GIVEN =
            List.of(EmbeddedEtcd.class, Faults.class, ManualClock.class, ManagedChannel.class);

    /** JUnit makes one for each test class. */
    public EtcdExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return GIVEN.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // What an outer context has is found first: that makes a class's server the one of its tests.
        Running running =
                context.getStore(NAMESPACE).getOrComputeIfAbsent(Running.class, key -> Running.start(), Running.class);
        Class<?> type = parameter.getParameter().getType();
        if (type == Faults.class) {
            return running.etcd.faults();
        }
        if (type == ManualClock.class) {
            return running.clock;
        }
        return type == ManagedChannel.class ? running.etcd.channel() : running.etcd;
    }

    private record Running(EmbeddedEtcd etcd, ManualClock clock) implements ExtensionContext.Store.CloseableResource {

        static Running start() {
            ManualClock clock = new ManualClock();
            return new Running(EmbeddedEtcd.start(clock), clock);
        }

        @Override
        public void close() {
            etcd.close();
        }
    }
}
