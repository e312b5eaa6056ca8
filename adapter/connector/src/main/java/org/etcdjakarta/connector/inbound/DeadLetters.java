package org.etcdjakarta.connector.inbound;

import com.google.gson.stream.JsonWriter;
import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.tx.TxSession;
import org.jspecify.annotations.Nullable;

/**
 * What is not delivered any more, below the dead-letter prefix: one key a revision (and lane), with the reason and the changes as JSON,
 * values in Base64. What would make it too large for etcd is left out, all values first, then the last of the events; while etcd's
 * history lasts, {@code etcdctl get --rev} has them.
 */
final class DeadLetters {

    /** Of all events, as JSON; etcd takes 1.5 MiB. */
    private static final int MOST_BYTES = 1_200_000;

    private static final int MOST_REASON = 10_000;

    private final ActivationSettings settings;
    private final String prefix;

    DeadLetters(ActivationSettings settings, String prefix) {
        this.settings = settings;
        this.prefix = prefix;
    }

    /** In the order of revisions when listed. */
    String key(Item item, int lane) {
        String name = settings.durableName();
        return prefix
                + (name == null ? "" : name + "/")
                + String.format("%020d", item.revision())
                + (settings.concurrency() == 1 ? "" : "." + lane);
    }

    /** In the transaction that the session is in. */
    void put(TxSession session, Item item, int lane, int attempts, Throwable reason) {
        PutRequest put = PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(settings.link().namespace() + key(item, lane)))
                .setValue(ByteString.copyFromUtf8(json(item, attempts, reason)))
                .build();
        try {
            session.kv().put(put).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof EtcdException known ? known : e;
        }
    }

    private String json(Item item, int attempts, Throwable reason) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            json.name("range").value(settings.range());
            json.name("revision").value(item.revision());
            json.name("attempts").value(attempts);
            json.name("reason").value(reason(reason));
            json.name("parked").value(Instant.now().toString());
            json.name("node").value(settings.tx().node());
            if (item instanceof Item.Changes changes) {
                events(json, changes.batch().events());
            } else if (item instanceof Item.Lost lost) {
                json.name("gap").value(lost.gap().reason().name());
                json.name("firstLost").value(lost.gap().firstLost());
            }
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void events(JsonWriter json, List<EtcdEvent<byte[]>> events) throws IOException {
        boolean withValues = fitting(events, true) == events.size();
        int fitting = withValues ? events.size() : fitting(events, false);
        json.name("valuesLeftOut").value(!withValues);
        json.name("eventsLeftOut").value(events.size() - fitting);
        json.name("events").beginArray();
        for (EtcdEvent<byte[]> event : events.subList(0, fitting)) {
            event(json, event, withValues);
        }
        json.endArray();
    }

    /** How many of them, from the first on; a prefix that is deleted is one revision of any number of keys. */
    private static int fitting(List<EtcdEvent<byte[]>> events, boolean withValues) throws IOException {
        long bytes = 0;
        int fitting = 0;
        for (EtcdEvent<byte[]> event : events) {
            if (withValues) {
                bytes += 4L * (size(event.value()) + size(event.previous())) / 3;
            }
            StringWriter text = new StringWriter();
            event(new JsonWriter(text), event, false);
            bytes += text.toString().getBytes(StandardCharsets.UTF_8).length + 50;
            if (bytes > MOST_BYTES) {
                break;
            }
            fitting++;
        }
        return fitting;
    }

    private static void event(JsonWriter json, EtcdEvent<byte[]> event, boolean withValues) throws IOException {
        json.beginObject();
        json.name("type").value(event.type().name());
        json.name("key").value(event.key());
        if (withValues) {
            value(json, "value", event.value());
            value(json, "previous", event.previous());
        }
        json.name("version").value(event.version());
        json.name("createRevision").value(event.createRevision());
        json.name("lease").value(event.lease());
        json.endObject();
    }

    private static long size(byte @Nullable [] value) {
        return value == null ? 0 : value.length;
    }

    private static void value(JsonWriter json, String name, byte @Nullable [] value) throws IOException {
        if (value != null) {
            json.name(name).value(Base64.getEncoder().encodeToString(value));
        }
    }

    private static String reason(Throwable failure) {
        String text = Causes.of(failure).stream().map(Throwable::toString).collect(Collectors.joining("\ncaused by "));
        return text.length() <= MOST_REASON ? text : text.substring(0, MOST_REASON);
    }
}
