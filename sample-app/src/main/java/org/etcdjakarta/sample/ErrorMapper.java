package org.etcdjakarta.sample;

import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import org.etcdjakarta.EtcdAccessException;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdInDoubtException;
import org.etcdjakarta.EtcdLimitException;
import org.etcdjakarta.EtcdUnavailableException;
import org.jspecify.annotations.Nullable;

/** Every failure becomes a JSON object with a text for the user. */
@Provider
public class ErrorMapper implements ExceptionMapper<Throwable> {

    /** Also the guard against forms of other sites: a browser lets them send other types, but not this one. */
    private static final String JSON_WANTED = "The request body has to be JSON, with Content-Type: application/json.";
    /** The key belongs to the adapter's own records. */
    private static final String RESERVED_KEY = "ETCD-00207";

    private static final Logger LOGGER = System.getLogger(ErrorMapper.class.getName());

    @Override
    public Response toResponse(Throwable failure) {
        if (failure instanceof WebApplicationException web) {
            int status = web.getResponse().getStatus();
            return answer(status, status == 415 ? JSON_WANTED : String.valueOf(web.getMessage()), null);
        }
        InvalidInputException invalid = find(failure, InvalidInputException.class);
        if (invalid != null) {
            return answer(400, String.valueOf(invalid.getMessage()), null);
        }
        OrderFailedException asked = find(failure, OrderFailedException.class);
        if (asked != null) {
            return answer(409, String.valueOf(asked.getMessage()), null);
        }
        EtcdException etcd = find(failure, EtcdException.class);
        if (etcd != null) {
            LOGGER.log(Level.WARNING, "A request failed: {0}", etcd.getMessage());
            return answer(status(etcd), String.valueOf(etcd.getMessage()), etcd.code());
        }
        LOGGER.log(Level.ERROR, "A request failed", failure);
        // what an unexpected exception says may be nobody's business
        return answer(500, "The server failed; its log says why.", null);
    }

    private static int status(EtcdException failure) {
        if (failure instanceof EtcdUnavailableException || failure instanceof EtcdInDoubtException) {
            return 503;
        }
        if (failure instanceof EtcdConflictException) {
            return 409;
        }
        if (failure instanceof EtcdLimitException) {
            return 413;
        }
        if (failure instanceof EtcdAccessException) {
            return 403;
        }
        return RESERVED_KEY.equals(failure.code()) ? 400 : 502;
    }

    private static Response answer(int status, String message, @Nullable String code) {
        JsonObjectBuilder body = Json.createObjectBuilder().add("error", message);
        if (code != null) {
            body.add("code", code);
        }
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body.build().toString())
                .build();
    }

    /**
     * Servers wrap: a failed commit arrives as the transaction manager's exception, with ours as a cause or, on WildFly, as
     * a suppressed exception somewhere below.
     */
    static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> wanted) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> open = new ArrayDeque<>();
        open.add(failure);
        while (!open.isEmpty()) {
            Throwable next = open.removeFirst();
            if (!seen.add(next)) {
                continue;
            }
            if (wanted.isInstance(next)) {
                return wanted.cast(next);
            }
            if (next.getCause() != null) {
                open.add(next.getCause());
            }
            Collections.addAll(open, next.getSuppressed());
        }
        return null;
    }
}
