package org.etcdjakarta.core.tx.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One transaction: what it adds to which accounts, and what its user was told. */
final class Deal {

    enum Outcome {
        /** Also of what its process did not live to hear. */
        UNKNOWN,
        COMMITTED,
        ROLLED_BACK
    }

    /** Of one etcd: account to amount. */
    record Part(int etcd, Map<String, Integer> amounts) {}

    private final String id;
    private final List<Part> parts;
    private Outcome outcome = Outcome.UNKNOWN;

    private Deal(String id, List<Part> parts) {
        this.id = id;
        this.parts = parts;
    }

    /** From an account of one etcd to one of another, and within one of them besides. */
    static Deal across(String id, Random random) {
        int amount = 1 + random.nextInt(9);
        List<Part> parts = new ArrayList<>();
        for (int etcd = 0; etcd < Bank.ETCDS; etcd++) {
            Map<String, Integer> amounts = new LinkedHashMap<>();
            amounts.put(Bank.open(random), etcd == 0 ? amount : -amount);
            if (random.nextInt(3) == 0) {
                amounts.putAll(closed(random));
            }
            parts.add(new Part(etcd, amounts));
        }
        if (random.nextBoolean()) {
            parts.add(parts.remove(0));
        }
        return new Deal(id, parts);
    }

    /** Between two accounts of one etcd. */
    static Deal within(String id, Random random) {
        return new Deal(id, List.of(new Part(random.nextInt(Bank.ETCDS), closed(random))));
    }

    private static Map<String, Integer> closed(Random random) {
        int amount = 1 + random.nextInt(9);
        int from = random.nextInt(Bank.ACCOUNTS);
        int to = (from + 1 + random.nextInt(Bank.ACCOUNTS - 1)) % Bank.ACCOUNTS;
        Map<String, Integer> amounts = new LinkedHashMap<>();
        amounts.put(Bank.closed(from), -amount);
        amounts.put(Bank.closed(to), amount);
        return amounts;
    }

    String id() {
        return id;
    }

    List<Part> parts() {
        return parts;
    }

    Outcome outcome() {
        return outcome;
    }

    void ended(Outcome how) {
        outcome = how;
    }

    /** The key that says that it was applied. */
    String receipt() {
        return Bank.RECEIPTS + id;
    }

    @Override
    public String toString() {
        return id + " " + parts + " " + outcome;
    }
}
