package org.etcdjakarta.cdi;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.Watch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.InjectionPoint;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.etcdjakarta.EtcdAuth;
import org.etcdjakarta.EtcdCluster;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdMaintenance;
import org.etcdjakarta.EtcdSession;
import org.jspecify.annotations.Nullable;

/** The beans of the extension: etcd's eight interfaces and the session for the default client, and for each named one that is injected. */
final class ClientBeans {

    private static final Map<Class<?>, Function<Client, ?>> RAW = Map.of(
            Lease.class, Client::getLeaseClient,
            Watch.class, Client::getWatchClient,
            Lock.class, Client::getLockClient,
            Election.class, Client::getElectionClient,
            Cluster.class, Client::getClusterClient,
            Auth.class, Client::getAuthClient,
            Maintenance.class, Client::getMaintenanceClient);

    /** jetcd's interface to our extension of it: one bean is both. */
    private static final Map<Class<?>, Class<?>> EXTENDED = Map.of(
            Lease.class, EtcdLease.class,
            Cluster.class, EtcdCluster.class,
            Auth.class, EtcdAuth.class,
            Maintenance.class, EtcdMaintenance.class);

    // client name to the first place that needs it, for messages
    private final Map<String, String> used = new TreeMap<>();

    void process(InjectionPoint point) {
        if (!isOurs(point.getType())) {
            return;
        }
        for (Annotation qualifier : point.getQualifiers()) {
            if (qualifier instanceof Etcd etcd) {
                used.putIfAbsent(etcd.value(), describe(point));
            } else if (qualifier instanceof Default) {
                used.putIfAbsent("", describe(point));
            }
        }
    }

    /** Client names to the place that needs them. */
    Map<String, String> used() {
        return used;
    }

    void addTo(AfterBeanDiscovery discovery, ApplicationClients clients) {
        add(discovery, clients, "", Default.Literal.INSTANCE);
        for (String name : used.keySet()) {
            if (!name.isEmpty()) {
                add(discovery, clients, name, Etcd.Literal.of(name));
            }
        }
    }

    private static void add(
            AfterBeanDiscovery discovery, ApplicationClients clients, String name, Annotation qualifier) {
        discovery
                .<EtcdKv>addBean()
                .id("org.etcdjakarta.cdi:KV:" + name)
                .types(EtcdKv.class, KV.class, Object.class)
                .qualifiers(qualifier, Any.Literal.INSTANCE)
                .scope(ApplicationScoped.class)
                .produceWith(instance -> new InjectedKv(() -> clients.transactional(name)));
        discovery
                .addBean()
                .id("org.etcdjakarta.cdi:EtcdSession:" + name)
                .types(EtcdSession.class, Object.class)
                .qualifiers(qualifier, Any.Literal.INSTANCE)
                .scope(ApplicationScoped.class)
                .produceWith(
                        instance -> shared(EtcdSession.class, clients.get(name).session()));
        RAW.forEach((type, of) -> discovery
                .addBean()
                .id("org.etcdjakarta.cdi:" + type.getSimpleName() + ":" + name)
                .types(type, EXTENDED.getOrDefault(type, type), Object.class)
                .qualifiers(qualifier, Any.Literal.INSTANCE)
                .scope(ApplicationScoped.class)
                .produceWith(instance -> type == Lease.class
                        ? lease(clients, name)
                        : shared(
                                EXTENDED.getOrDefault(type, type),
                                of.apply(clients.get(name).raw()))));
    }

    /** What is granted in a transaction shares its outcome; all else is as for the other interfaces. */
    @SuppressWarnings("FutureReturnValueIgnored") // the proxy hands it on to its caller
    private static Object lease(ApplicationClients clients, String name) {
        Lease raw = clients.get(name).raw().getLeaseClient();
        return shared(EtcdLease.class, (method, arguments) -> {
            String call = method.getName();
            if (!call.startsWith("grant") && !call.equals("revoke")) {
                return method.invoke(raw, arguments);
            }
            return clients.transactional(name).withLease(lease -> {
                try {
                    return (CompletableFuture<?>) method.invoke(lease, arguments);
                } catch (InvocationTargetException e) {
                    throw unchecked(e);
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(e);
                }
            });
        });
    }

    private static RuntimeException unchecked(InvocationTargetException failure) {
        if (failure.getCause() instanceof Error error) {
            throw error;
        }
        return failure.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(failure);
    }

    private interface Target {
        @Nullable
        Object invoke(Method method, Object @Nullable [] arguments) throws ReflectiveOperationException;
    }

    /** Its close does nothing: one bean must not end the watchers, keep-alives and locks of all others. */
    private static Object shared(Class<?> type, Object target) {
        return shared(type, (method, arguments) -> method.invoke(target, arguments));
    }

    private static Object shared(Class<?> type, Target target) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            if (method.getName().equals("close") && method.getParameterCount() == 0) {
                return null;
            }
            try {
                return target.invoke(method, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        });
    }

    /** Also of {@code Instance<KV>} and {@code Provider<KV>}. */
    private static boolean isOurs(Type type) {
        if (type instanceof ParameterizedType parameterized && parameterized.getActualTypeArguments().length == 1) {
            return isOurs(parameterized.getActualTypeArguments()[0]);
        }
        return type == KV.class
                || type == EtcdKv.class
                || type == EtcdSession.class
                || (type instanceof Class<?> raw && (RAW.containsKey(raw) || EXTENDED.containsValue(raw)));
    }

    private static String describe(InjectionPoint point) {
        return point.getMember().getDeclaringClass().getName() + "."
                + point.getMember().getName();
    }
}
