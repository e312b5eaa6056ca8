package org.etcdjakarta.itests.wildfly.inside;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;

/** Opens and closes handles from many threads. Arguments: the factory's name, threads, handles. */
public final class ManyHandles implements ServerCommand {

    @Override
    public String run(List<String> arguments) throws Exception {
        EtcdConnectionFactory etcd = Server.find(arguments.get(0));
        int threads = Integer.parseInt(arguments.get(1));
        int each = Integer.parseInt(arguments.get(2)) / threads + 1;
        Callable<Integer> work = () -> {
            int done = 0;
            for (; done < each; done++) {
                try (EtcdConnection connection = etcd.getConnection()) {
                    connection.kv();
                }
            }
            return done;
        };
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Integer>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(work);
            }
            int sum = 0;
            for (Future<Integer> one : executor.invokeAll(all)) {
                sum += one.get();
            }
            return Integer.toString(sum);
        } finally {
            executor.shutdown();
        }
    }
}
