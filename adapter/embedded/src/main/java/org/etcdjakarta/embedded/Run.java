package org.etcdjakarta.embedded;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** One run, from a start to a stop: the same services on the port and in process. */
final class Run {

    private final Server onPort;
    private final Server inProcess;

    Run(
            ServerBuilder<?> onPort,
            ServerBuilder<?> inProcess,
            List<BindableService> services,
            ServerInterceptor faults,
            Executor calls) {
        this.onPort = build(onPort, services, faults, calls);
        this.inProcess = build(inProcess, services, faults, calls);
    }

    private static Server build(
            ServerBuilder<?> builder, List<BindableService> services, ServerInterceptor faults, Executor calls) {
        services.forEach(builder::addService);
        return builder.intercept(faults).executor(calls).build();
    }

    /** Returns the port. */
    int start() {
        try {
            onPort.start();
            inProcess.start();
            return onPort.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded etcd cannot listen: " + e.getMessage(), e);
        }
    }

    /** Ends all calls and streams and leaves the port. Waits up to 10 s. */
    void stop() throws InterruptedException {
        onPort.shutdownNow();
        inProcess.shutdownNow();
        onPort.awaitTermination(10, TimeUnit.SECONDS);
        inProcess.awaitTermination(10, TimeUnit.SECONDS);
    }
}
