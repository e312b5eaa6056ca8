package org.etcdjakarta.itests.tx.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What committed transactions have read and in which order they have written each key.
 *
 * @param order for each key the transactions that have written it, a deletion is a write, first to last
 */
record History(List<Transaction> transactions, Map<String, List<String>> order) {

    /** Who "wrote" what was there before. */
    static final String INITIAL = "initial";

    /**
     * @param began and ended on one clock; what has not been heard of has ended at {@code Long.MAX_VALUE}
     * @param reads key to the transaction that has written, or deleted, what was seen; of a range all keys that ever existed in it
     */
    record Transaction(String id, long began, long ended, Map<String, String> reads) {}

    /** For histories by hand: each transaction comes after the one before unless it is told to overlap. */
    static final class Builder {

        private final List<Transaction> transactions = new ArrayList<>();
        private final Map<String, List<String>> order = new LinkedHashMap<>();
        private final boolean concurrent;

        private Builder(boolean concurrent) {
            this.concurrent = concurrent;
        }

        /** All transactions at the same time. */
        static Builder concurrent() {
            return new Builder(true);
        }

        /** One after the other. */
        static Builder sequential() {
            return new Builder(false);
        }

        /** @param reads "key writer" */
        Builder transaction(String id, String... reads) {
            Map<String, String> seen = new LinkedHashMap<>();
            for (String read : reads) {
                int blank = read.indexOf(' ');
                seen.put(read.substring(0, blank), read.substring(blank + 1));
            }
            int number = transactions.size();
            transactions.add(new Transaction(id, concurrent ? 0 : 2L * number, concurrent ? 1 : 2L * number + 1, seen));
            return this;
        }

        Builder order(String key, String... writers) {
            order.put(key, List.of(writers));
            return this;
        }

        History build() {
            return new History(transactions, order);
        }
    }
}
