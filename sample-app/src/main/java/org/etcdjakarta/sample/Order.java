package org.etcdjakarta.sample;

import jakarta.json.Json;

/**
 * An order.
 *
 * @param id its row's primary key and the last part of its etcd key
 * @param item what was ordered
 * @param quantity how many
 */
record Order(String id, String item, int quantity) {

    static final String PREFIX = LiveFeed.PREFIX + "orders/";

    String key() {
        return PREFIX + id;
    }

    String json() {
        return Json.createObjectBuilder()
                .add("item", item)
                .add("quantity", quantity)
                .build()
                .toString();
    }
}
