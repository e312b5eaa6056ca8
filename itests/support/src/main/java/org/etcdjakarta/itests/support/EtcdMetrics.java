package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;

/** What etcd counts about itself, over plain HTTP. */
public final class EtcdMetrics {

    private final String endpoint;

    public EtcdMetrics(String endpoint) {
        this.endpoint = endpoint;
    }

    /** Watches that are open now. */
    public long watches() {
        return (long) value("etcd_debugging_mvcc_watcher_total");
    }

    /** gRPC streams that carry watches now. */
    public long watchStreams() {
        return (long) value("etcd_debugging_mvcc_watch_stream_total");
    }

    /** gRPC calls of this method, as {@code Authenticate}, that have ended since etcd started, in whichever way. */
    public long handled(String method) {
        return (long) sum("grpc_server_handled_total", "grpc_method=\"" + method + "\"");
    }

    /** gRPC calls of this method that have begun since etcd started; a stream is one. */
    public long started(String method) {
        return (long) sum("grpc_server_started_total", "grpc_method=\"" + method + "\"");
    }

    /** Messages to this method since etcd started. */
    public long received(String method) {
        return (long) sum("grpc_server_msg_received_total", "grpc_method=\"" + method + "\"");
    }

    /** True when this member leads its cluster as far as it knows. */
    boolean isLeader() {
        return value("etcd_server_is_leader") == 1;
    }

    /** The sum of all samples of this metric; one that etcd does not report fails, so that a wrong name is no 0. */
    public double value(String name) {
        return sum(name, "");
    }

    private double sum(String name, String label) {
        double[] samples = get("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .filter(line -> line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .toArray();
        if (samples.length == 0) {
            throw new IllegalArgumentException("etcd at " + endpoint + " reports no " + name + " " + label);
        }
        double sum = 0;
        for (double sample : samples) {
            sum += sample;
        }
        return sum;
    }

    boolean healthy() {
        try {
            return get("/health").contains("true");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private String get(String path) {
        try {
            URLConnection connection = URI.create(endpoint + path).toURL().openConnection();
            connection.setConnectTimeout(5_000);
            connection.setReadTimeout(10_000);
            connection.setRequestProperty("Connection", "close");
            try (var body = connection.getInputStream()) {
                return new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
