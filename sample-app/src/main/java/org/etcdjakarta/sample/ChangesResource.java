package org.etcdjakarta.sample;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.util.concurrent.CompletionStage;

/** The server-sent events of {@link LiveFeed}. */
@Path("changes")
@RequestScoped
public class ChangesResource {

    @Inject
    LiveFeed feed;

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public void listen(@Context SseEventSink sink, @Context Sse sse) {
        if (!feed.subscribe(new SinkConnection(sink, sse))) {
            sink.close(); // the browser tries again by itself
        }
    }

    private record SinkConnection(SseEventSink sink, Sse sse) implements Subscriber.Connection {

        @Override
        public CompletionStage<?> send(Subscriber.Message message) {
            OutboundSseEvent.Builder event = sse.newEventBuilder();
            if (message.name().isEmpty()) {
                event.comment("still here");
            } else {
                event.name(message.name()).data(message.data());
            }
            return sink.send(event.build());
        }

        @Override
        public void close() {
            sink.close();
        }
    }
}
