package org.etcdjakarta.cdi;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.etcdjakarta.EtcdLease;
import org.etcdjakarta.EtcdSession;
import org.etcdjakarta.config.ClientSettings;
import org.etcdjakarta.core.watch.WatchHub;
import org.etcdjakarta.testing.FakeEtcd;
import org.jspecify.annotations.Nullable;

/** In the place of servers and links: one fake cluster for each client name, and a diary. */
final class FakeClients extends ClientLocator {

    private final Map<String, FakeEtcd> clusters = new ConcurrentHashMap<>();
    final List<String> diary = new CopyOnWriteArrayList<>();

    FakeEtcd cluster(String client) {
        return clusters.computeIfAbsent(client, name -> new FakeEtcd());
    }

    @Override
    @Nullable
    EtcdClient factory(ClientSettings settings) {
        return null;
    }

    @Override
    @Nullable
    EtcdClient componentFactory(ClientSettings settings) {
        return null;
    }

    @Override
    EtcdClient open(ClientSettings settings) {
        String name = settings.name();
        diary.add("open " + name);
        FakeEtcd etcd = cluster(name);
        return new EtcdClient() {
            @Override
            public <T> CompletableFuture<T> withKv(Function<KV, CompletableFuture<T>> call) {
                diary.add("connection " + name);
                return call.apply(etcd);
            }

            @Override
            public <T> CompletableFuture<T> withLease(Function<EtcdLease, CompletableFuture<T>> call) {
                throw new UnsupportedOperationException();
            }

            @Override
            public boolean joinsTransactions() {
                return true;
            }

            @Override
            public void checkWrite() {}

            @Override
            public Client raw() {
                return recording(Client.class, name);
            }

            @Override
            public WatchHub watches() {
                return etcd;
            }

            @Override
            public EtcdSession session() {
                return recording(EtcdSession.class, name);
            }

            @Override
            public void close() {
                diary.add("close " + name + " with watches " + etcd.watches().size());
            }
        };
    }

    /** Answers with more of its kind, and writes down what it is asked. */
    private <T> T recording(Class<T> type, String name) {
        Object made =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    diary.add(name + method.getName());
                    return method.getReturnType().isInterface() ? recording(method.getReturnType(), name) : null;
                });
        return type.cast(made);
    }
}
