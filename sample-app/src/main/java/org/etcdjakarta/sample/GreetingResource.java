package org.etcdjakarta.sample;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/**
 * Shows the injected configuration value, and writes or deletes the etcd key it comes from. Writing does not answer with the
 * new value: that arrives through the configuration, as it does when somebody else writes the key.
 */
@Path("greeting")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class GreetingResource {

    static final String KEY = "/config/sample/greeting";
    private static final int LONGEST = 200;

    @Inject
    Greeting greeting;

    @Inject
    Keys keys;

    @GET
    public String current() {
        return Json.createObjectBuilder()
                .add("greeting", greeting.current())
                .add("key", KEY)
                .build()
                .toString();
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    public void change(@Nullable String body) {
        keys.put(KEY, Input.text(Input.object(body), "greeting", LONGEST));
    }

    /** Back to the default. */
    @DELETE
    public void reset() {
        keys.delete(KEY);
    }
}
