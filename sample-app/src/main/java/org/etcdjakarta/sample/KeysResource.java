package org.etcdjakarta.sample;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** Lists, writes and deletes keys. */
@Path("keys")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class KeysResource {

    /** What one page shows; beyond it the page says how many more there are. */
    static final int MOST_KEYS = 500;

    @Inject
    Keys keys;

    @GET
    public String list(@QueryParam("prefix") @DefaultValue(LiveFeed.PREFIX) String prefix) {
        Keys.Listing listing = keys.list(Input.key(prefix, "prefix"), MOST_KEYS);
        JsonArrayBuilder entries = Json.createArrayBuilder();
        for (Keys.Entry entry : listing.entries()) {
            entries.add(Json.createObjectBuilder()
                    .add("key", entry.key())
                    .add("value", entry.value())
                    .add("revision", entry.revision())
                    .add("version", entry.version()));
        }
        return Json.createObjectBuilder()
                .add("prefix", prefix)
                .add("revision", listing.revision())
                .add("count", listing.count())
                .add("keys", entries)
                .build()
                .toString();
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    public void put(@Nullable String body) {
        JsonObject input = Input.object(body);
        keys.put(Input.key(input, "key"), Input.text(input, "value", Input.LONGEST_VALUE));
    }

    @DELETE
    public void delete(@QueryParam("key") @Nullable String key) {
        if (!keys.delete(Input.key(key, "key"))) {
            throw new NotFoundException("There is no key " + key + ".");
        }
    }
}
