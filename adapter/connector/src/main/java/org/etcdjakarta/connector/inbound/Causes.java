package org.etcdjakarta.connector.inbound;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything that a failure says. Servers wrap what beans throw; and why a commit failed is not a cause of the RollbackException but
 * suppressed by it, with Narayana, as each of the resources may have its own reason.
 */
final class Causes {

    private static final int MOST = 50;

    private Causes() {}

    /** The failure itself, its causes and what they suppress. */
    static List<Throwable> of(Throwable failure) {
        List<Throwable> all = new ArrayList<>();
        all.add(failure);
        for (int i = 0; i < all.size() && all.size() < MOST; i++) {
            Throwable next = all.get(i);
            if (next.getCause() != null) {
                all.add(next.getCause());
            }
            all.addAll(List.of(next.getSuppressed()));
        }
        return all;
    }
}
