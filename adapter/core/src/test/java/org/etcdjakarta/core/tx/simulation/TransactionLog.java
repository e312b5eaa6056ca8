package org.etcdjakarta.core.tx.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A transaction manager's decisions to commit: the one thing that survives its process. What is not in it was rolled back. */
final class TransactionLog {

    private final Map<String, Set<String>> open = new HashMap<>();
    private final Set<String> decided = new HashSet<>();

    void commit(String transaction, List<String> branches) {
        Fiber.current().requireAlive();
        open.put(transaction, new HashSet<>(branches));
        decided.add(transaction);
    }

    /** When all branches are complete the transaction is forgotten, as the presumption is that nobody will ask. */
    void completed(String transaction, String branch) {
        Fiber.current().requireAlive();
        Set<String> left = open.get(transaction);
        if (left != null && left.remove(branch) && left.isEmpty()) {
            open.remove(transaction);
        }
    }

    boolean hasCommitted(String transaction) {
        return open.containsKey(transaction);
    }

    /** For the books, which do not forget. */
    boolean hasDecided(String transaction) {
        return decided.contains(transaction);
    }
}
