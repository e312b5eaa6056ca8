package org.etcdjakarta.itests.support;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Behind {@link WithEtcd}. */
final class EtcdExtension implements BeforeAllCallback, ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(EtcdExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        // Made here, in the class's own store, so that all its methods share one server and its end is the class's end.
        String[] flags =
                context.getRequiredTestClass().getAnnotation(WithEtcd.class).flags();
        context.getStore(NAMESPACE).put(Held.class, new Held(flags));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == EtcdServer.class || type == Etcdctl.class || type == EtcdCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (parameter.getParameter().getType() == EtcdCluster.class) {
            return healthyCluster(context);
        }
        Held held = Objects.requireNonNull(context.getStore(NAMESPACE).get(Held.class, Held.class));
        EtcdServer server = held.server();
        return parameter.getParameter().getType() == Etcdctl.class ? server.etcdctl() : server;
    }

    /** Three processes and an election take seconds, so one cluster serves all classes; each gets it whole and mends nothing. */
    private static EtcdCluster healthyCluster(ExtensionContext context) {
        EtcdCluster cluster = context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(HeldCluster.class, key -> new HeldCluster(EtcdCluster.start()), HeldCluster.class)
                .cluster();
        cluster.heal();
        return cluster;
    }

    private record HeldCluster(EtcdCluster cluster) implements CloseableResource {

        @Override
        public void close() {
            cluster.close();
        }
    }

    /** The server of one test class, started when the first parameter asks for it; JUnit closes it with the class's store. */
    private static final class Held implements CloseableResource {

        private final String[] flags;
        private @Nullable EtcdServer server;

        Held(String[] flags) {
            this.flags = flags;
        }

        synchronized EtcdServer server() {
            EtcdServer started = server;
            if (started == null) {
                started = EtcdServer.builder().flags(flags).start();
                server = started;
            }
            return started;
        }

        @Override
        public synchronized void close() {
            if (server != null) {
                server.close();
            }
        }
    }
}
