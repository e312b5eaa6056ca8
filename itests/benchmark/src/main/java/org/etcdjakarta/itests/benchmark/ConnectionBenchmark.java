package org.etcdjakarta.itests.benchmark;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import java.io.Serial;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Set;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdConnectionFactory;
import org.etcdjakarta.connector.EtcdManagedConnectionFactory;
import org.etcdjakarta.itests.support.EtcdServer;
import org.jspecify.annotations.Nullable;

/**
 * What the adapter adds to getting a connection from a warm pool and closing it, without what the pool itself costs: the pool here
 * holds one managed connection, asks the factory whether it matches as WildFly does, and takes it back at the close event. Argument:
 * rounds of one second.
 */
public final class ConnectionBenchmark {

    private static final long ROUND_NANOS = 1_000_000_000L;

    private static final int WARM_UP = 3;

    /** Between looks at the clock. */
    private static final int BATCH = 1000;

    private ConnectionBenchmark() {}

    /** See {@code itests/benchmark/README.md}. */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
        try (EtcdServer etcd = EtcdServer.start()) {
            EtcdManagedConnectionFactory managed = new EtcdManagedConnectionFactory();
            managed.setEndpoints(etcd.endpoint());
            WarmPool pool = new WarmPool();
            EtcdConnectionFactory connections = managed.createConnectionFactory(pool);
            try (EtcdConnection first = connections.getConnection()) {
                var unused = first.cluster().listMember().get();
            }
            double[] nanos = new double[rounds];
            double[] bytes = new double[rounds];
            for (int round = -WARM_UP; round < rounds; round++) {
                long allocated = allocated();
                Round done = round(connections);
                if (round >= 0) {
                    nanos[round] = (double) done.nanos / done.connections;
                    bytes[round] = (double) (allocated() - allocated) / done.connections;
                }
            }
            report(Surroundings.of(etcd, Runtime.version()), rounds, Median.of(nanos), Median.of(bytes));
            pool.destroy();
        }
    }

    private record Round(long connections, long nanos) {}

    private static Round round(EtcdConnectionFactory connections) throws ResourceException {
        long start = System.nanoTime();
        long opened = 0;
        long nanos;
        do {
            for (int i = 0; i < BATCH; i++) {
                EtcdConnection connection = connections.getConnection();
                connection.close();
                opened++;
            }
            nanos = System.nanoTime() - start;
        } while (nanos < ROUND_NANOS);
        return new Round(opened, nanos);
    }

    private static long allocated() {
        return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                ? threads.getCurrentThreadAllocatedBytes()
                : 0;
    }

    private static void report(Surroundings where, int rounds, double nanos, double bytes) {
        System.out.printf(
                Locale.ROOT,
                "# getConnection() and close() of a warm managed connection%n%n%s, Java %s, etcd %s, %s. Medians of %d rounds of a second.%n%n"
                        + "| µs each | goal | bytes allocated each |%n| ---: | ---: | ---: |%n| %.2f | 2 | %.0f |%n",
                where.machine(),
                where.java(),
                where.etcd(),
                where.date(),
                rounds,
                nanos / 1000,
                bytes);
    }

    /** Of one thread. */
    private static final class WarmPool implements ConnectionManager {

        @Serial
        private static final long serialVersionUID = 1L;

        private transient @Nullable ManagedConnection idle;

        @Override
        public Object allocateConnection(ManagedConnectionFactory factory, @Nullable ConnectionRequestInfo info)
                throws ResourceException {
            ManagedConnection known = idle;
            ManagedConnection match = known == null ? null : factory.matchManagedConnections(Set.of(known), null, info);
            if (match == null) {
                match = factory.createManagedConnection(null, info);
                match.addConnectionEventListener(new Return());
                idle = match;
            }
            return match.getConnection(null, info);
        }

        void destroy() throws ResourceException {
            ManagedConnection known = idle;
            if (known != null) {
                known.destroy();
            }
        }
    }

    private static final class Return implements ConnectionEventListener {

        /** As every pool does before it keeps a connection. */
        @Override
        public void connectionClosed(ConnectionEvent event) {
            try {
                ((ManagedConnection) event.getSource()).cleanup();
            } catch (ResourceException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void connectionErrorOccurred(ConnectionEvent event) {
            throw new IllegalStateException(event.getException());
        }

        @Override
        public void localTransactionStarted(ConnectionEvent event) {}

        @Override
        public void localTransactionCommitted(ConnectionEvent event) {}

        @Override
        public void localTransactionRolledback(ConnectionEvent event) {}
    }
}
