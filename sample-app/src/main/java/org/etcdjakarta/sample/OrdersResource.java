package org.etcdjakarta.sample;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Places orders, and shows for each where it is: in the database, in etcd, or in both. */
@Path("orders")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class OrdersResource {

    private static final int MOST_ORDERS = 200;
    private static final int LONGEST_ITEM = 200;
    private static final int LARGEST_QUANTITY = 1_000_000;

    @Inject
    OrderService service;

    @Inject
    OrderTable table;

    @Inject
    Keys keys;

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    public Response place(@Nullable String body) {
        JsonObject input = Input.object(body);
        String item = Input.text(input, "item", LONGEST_ITEM).strip();
        if (item.isEmpty()) {
            throw new InvalidInputException("\"item\" is empty.");
        }
        int quantity = Input.number(input, "quantity", 1, LARGEST_QUANTITY);
        Order order = new Order(UUID.randomUUID().toString().substring(0, 8), item, quantity);
        service.place(order, Input.flag(input, "fail"));
        return Response.status(Response.Status.CREATED)
                .entity(json(order, true, true).build().toString())
                .build();
    }

    @GET
    public String list() {
        Set<String> inEtcd = keys.list(Order.PREFIX, MOST_ORDERS).entries().stream()
                .map(entry -> entry.key().substring(Order.PREFIX.length()))
                .collect(Collectors.toCollection(TreeSet::new));
        JsonArrayBuilder orders = Json.createArrayBuilder();
        for (Order order : table.latest(MOST_ORDERS)) {
            orders.add(json(order, true, inEtcd.remove(order.id())));
        }
        for (String id : inEtcd) {
            orders.add(json(new Order(id, "", 0), false, true));
        }
        return Json.createObjectBuilder().add("orders", orders).build().toString();
    }

    private static JsonObjectBuilder json(Order order, boolean row, boolean key) {
        return Json.createObjectBuilder()
                .add("id", order.id())
                .add("item", order.item())
                .add("quantity", order.quantity())
                .add("row", row)
                .add("key", key);
    }
}
