package org.etcdjakarta.core.tx.simulation;

import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.etcdjakarta.core.tx.Engines;

/**
 * Accounts in two etcds, and what must hold of them at the end. Every deal leaves a receipt in each etcd, so it is known which
 * ones were applied, and where:
 *
 * <ul>
 *   <li>all of a deal or nothing of it, and nothing twice;
 *   <li>applied if its user was told so, or its transaction manager has decided so; not applied if its user was told so;
 *   <li>every account has what the applied deals say: no write was lost or made of what had changed since;
 *   <li>nothing is left of any branch.
 * </ul>
 */
final class Bank {

    static final int ETCDS = 2;
    static final int ACCOUNTS = 4;
    static final String RECEIPTS = "receipt/";
    static final String CLOSED = "closed/";

    static final String OPEN = "open/";
    private static final int START = 100;

    private final List<SimulatedEtcd> etcds;
    private final List<Deal> deals = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();

    Bank(List<SimulatedEtcd> etcds) {
        this.etcds = etcds;
        for (SimulatedEtcd etcd : etcds) {
            for (int i = 0; i < ACCOUNTS; i++) {
                put(etcd, open(i));
                put(etcd, closed(i));
            }
        }
    }

    private static void put(SimulatedEtcd etcd, String account) {
        PutRequest put = Kv.put(account, START);
        SimulatedEtcd.call(etcd.kv()::put, put).join();
    }

    /** Money goes from one etcd to the other. */
    static String open(Random random) {
        return open(random.nextInt(ACCOUNTS));
    }

    private static String open(int number) {
        return OPEN + number;
    }

    /** Money stays among those of one etcd. */
    static String closed(int number) {
        return CLOSED + number;
    }

    static int closedTotal() {
        return ACCOUNTS * START;
    }

    void add(Deal deal) {
        deals.add(deal);
    }

    List<Deal> deals() {
        return deals;
    }

    void violated(String what) {
        violations.add(what);
    }

    /** What has been broken while it ran, and what is found to be broken now. */
    List<String> violations(Iterable<TransactionLog> logs) {
        List<String> found = new ArrayList<>(violations);
        List<Map<String, KeyValue>> contents =
                etcds.stream().map(SimulatedEtcd::everything).toList();
        List<Map<String, Integer>> expected = new ArrayList<>();
        for (int i = 0; i < ETCDS; i++) {
            Map<String, Integer> accounts = new TreeMap<>();
            for (int j = 0; j < ACCOUNTS; j++) {
                accounts.put(open(j), START);
                accounts.put(closed(j), START);
            }
            expected.add(accounts);
        }
        for (Deal deal : deals) {
            boolean decided = false;
            for (TransactionLog log : logs) {
                decided |= log.hasDecided(deal.id());
            }
            check(deal, decided, contents, expected, found);
        }
        for (int i = 0; i < ETCDS; i++) {
            String etcd = etcds.get(i).name();
            Map<String, KeyValue> content = contents.get(i);
            expected.get(i).forEach((account, balance) -> {
                KeyValue there = content.get(account);
                if (there == null || Kv.number(there) != balance) {
                    found.add(etcd + " " + account + " has " + (there == null ? "nothing" : Kv.number(there))
                            + ", applied deals make it " + balance);
                }
            });
            content.keySet().stream().filter(Bank::ofBranch).forEach(key -> found.add(etcd + " left over: " + key));
        }
        return found;
    }

    private static void check(
            Deal deal,
            boolean decided,
            List<Map<String, KeyValue>> contents,
            List<Map<String, Integer>> expected,
            List<String> found) {
        int applied = 0;
        for (Deal.Part part : deal.parts()) {
            KeyValue receipt = contents.get(part.etcd()).get(deal.receipt());
            if (receipt == null) {
                continue;
            }
            applied++;
            if (receipt.getVersion() != 1) {
                found.add("applied " + receipt.getVersion() + " times: " + deal);
            }
            part.amounts()
                    .forEach((account, amount) -> expected.get(part.etcd()).merge(account, amount, Integer::sum));
        }
        if (applied != 0 && applied != deal.parts().size()) {
            found.add("applied in part: " + deal);
        }
        if (applied == 0 && (decided || deal.outcome() == Deal.Outcome.COMMITTED)) {
            found.add("lost: " + deal);
        }
        if (applied != 0 && deal.outcome() == Deal.Outcome.ROLLED_BACK) {
            found.add("applied though rolled back: " + deal);
        }
    }

    private static boolean ofBranch(String key) {
        return List.of("p/", "i/", "h/").stream().anyMatch(kind -> key.startsWith(Engines.RESERVED + kind));
    }
}
