package org.etcdjakarta.core.tx.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.etcdjakarta.core.tx.simulation.Deal.Outcome;
import org.etcdjakarta.core.tx.simulation.Faults.Fate;

/**
 * One schedule, which a seed decides: a few nodes that make deals in the same two etcds, whose calls are delayed and lost,
 * which die and start again. When nothing is under way any more, connections are mended, everybody recovers, and the books are
 * looked at.
 */
final class World {

    /** What has happened, so that a test knows that it did. */
    record Report(
            Map<Outcome, Integer> outcomes,
            Map<Fate, Integer> faults,
            int crashes,
            int recovered,
            List<String> violations,
            String trace) {}

    private static final Duration BUSY = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int LAST_PASSES = 3;

    private final Scheduler scheduler;
    private final Bank bank;
    private final List<Node> nodes = new ArrayList<>();
    private int crashes;

    private World(long seed, Mutation mutation, boolean tracing) {
        Random random = new Random(seed);
        scheduler = new Scheduler(random, tracing);
        List<SimulatedEtcd> etcds = new ArrayList<>();
        for (int i = 0; i < Bank.ETCDS; i++) {
            etcds.add(new SimulatedEtcd("etcd-" + i, 40 + i));
        }
        bank = new Bank(etcds);
        Faults faults = Faults.draw(random);
        scheduler.trace(() -> "seed " + seed + ": " + faults);
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String name = "node-" + i;
            List<SimulatedLink> links = etcds.stream()
                    .map(etcd -> new SimulatedLink(scheduler, etcd, name, faults, mutation))
                    .toList();
            Node node = new Node(this, scheduler, name, links, 2 + random.nextInt(5));
            nodes.add(node);
            plan(node, faults, random);
        }
    }

    static Report run(long seed, Mutation mutation, boolean tracing) {
        return new World(seed, mutation, tracing).run();
    }

    Bank bank() {
        return bank;
    }

    private void plan(Node node, Faults faults, Random random) {
        int threads = 1 + random.nextInt(2);
        scheduler.after(Faults.latency(random), () -> node.start(threads));
        for (int i = random.nextInt(faults.outages() + 1); i > 0; i--) {
            SimulatedLink link = node.links().get(random.nextInt(Bank.ETCDS));
            scheduler.after(moment(random), () -> link.breakFor(Faults.within(random, LONG)));
        }
        for (int i = random.nextInt(faults.crashes() + 1); i > 0; i--) {
            scheduler.after(moment(random), () -> crash(node, threads));
        }
    }

    /** Mostly while there is a lot to do. */
    private static Duration moment(Random random) {
        return Faults.within(random, random.nextInt(4) == 0 ? LONG : BUSY);
    }

    private void crash(Node node, int threads) {
        if (!node.isDead()) {
            crashes++;
            node.die();
            scheduler.after(Faults.within(scheduler.random(), LONG), () -> node.start(threads));
        }
    }

    private Report run() {
        scheduler.run();
        nodes.forEach(node -> node.links().forEach(SimulatedLink::mend));
        for (int i = 0; i < LAST_PASSES; i++) {
            nodes.forEach(Node::recoverOnce);
            scheduler.run();
        }
        List<String> violations = bank.violations(nodes.stream().map(Node::log).toList());
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        bank.deals().forEach(deal -> outcomes.merge(deal.outcome(), 1, Integer::sum));
        Map<Fate, Integer> suffered = new EnumMap<>(Fate.class);
        nodes.forEach(node -> node.links()
                .forEach(link -> link.suffered().forEach((fate, count) -> suffered.merge(fate, count, Integer::sum))));
        int recovered = nodes.stream().mapToInt(Node::recovered).sum();
        return new Report(outcomes, suffered, crashes, recovered, violations, scheduler.traced());
    }
}
