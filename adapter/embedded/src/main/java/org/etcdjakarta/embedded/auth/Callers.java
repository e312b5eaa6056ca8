package org.etcdjakarta.embedded.auth;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import org.jspecify.annotations.Nullable;

/** Carries a call's token from its headers to the service that it is for. */
public final class Callers implements ServerInterceptor {

    private static final Context.Key<String> TOKEN = Context.key("token");
    private static final Metadata.Key<String> ETCDS = header("token");
    private static final Metadata.Key<String> GATEWAYS = header("authorization");

    private Callers() {}

    private static Metadata.Key<String> header(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    /** The service, with the token of each of its calls within reach. */
    public static BindableService knownTo(BindableService service) {
        return () -> ServerInterceptors.intercept(service, new Callers());
    }

    /** That of the call which this thread is answering; null when it has none. */
    public static @Nullable String token() {
        return TOKEN.get();
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        String token = headers.get(ETCDS);
        if (token == null) {
            String bearer = headers.get(GATEWAYS);
            token = bearer != null && bearer.startsWith("Bearer ") ? bearer.substring("Bearer ".length()) : bearer;
        }
        return token == null
                ? next.startCall(call, headers)
                : Contexts.interceptCall(Context.current().withValue(TOKEN, token), call, headers, next);
    }
}
