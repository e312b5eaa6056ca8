package org.etcdjakarta.itests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** {@code ETCD_ENDPOINTS=embedded: sample-app/run}: the sample without any etcd of the machine. */
class SampleOnEmbeddedIT {

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void keysAndTransactionsWorkAndAllOfItEnds() throws IOException, InterruptedException {
        List<ProcessHandle> processes;
        try (RunningSample sample = RunningSample.start(Map.of("ETCD_ENDPOINTS", "embedded:"))) {
            assertThat(sample.printed())
                    .contains("An embedded etcd, for development and tests only, listens on http://127.0.0.1:");
            processes = sample.processes();

            assertThat(send(sample, "PUT", "keys", "{\"key\": \"/demo/color\", \"value\": \"blue\"}"))
                    .isEmpty();
            assertThat(send(sample, "GET", "keys?prefix=/demo/", ""))
                    .contains("\"key\":\"/demo/color\",\"value\":\"blue\"");
            assertThat(send(sample, "POST", "orders", "{\"item\": \"lamp\", \"quantity\": 1}"))
                    .contains("\"row\":true,\"key\":true");
            assertThat(send(sample, "POST", "orders", "{\"item\": \"desk\", \"quantity\": 1, \"fail\": true}"))
                    .contains("rolled back");
            assertThat(send(sample, "GET", "keys?prefix=/demo/orders/", "")).contains("\"count\":1");

            sample.interrupt();
            assertThat(sample.awaitEnd()).isZero();
        }
        Awaitility.await("all processes ended").until(() -> processes.stream().noneMatch(RunningSample::runs));
    }

    private String send(RunningSample sample, String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(sample.address()).resolve("api/" + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
