package org.etcdjakarta.core.tx.simulation;

import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.EtcdException.Effect;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.Engines;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;
import org.etcdjakarta.core.tx.simulation.Deal.Outcome;
import org.etcdjakarta.core.tx.simulation.TransactionManager.Branch;

/**
 * A server: an engine for each etcd, a transaction manager, threads that make deals, and one that recovers. It dies with all of
 * its memory at any moment and starts anew; its transaction log and its name stay.
 */
final class Node {

    private static final Duration BETWEEN_SCANS = Duration.ofSeconds(20);

    private final World world;
    private final Scheduler scheduler;
    private final String name;
    private final List<SimulatedLink> links;
    private final TransactionLog log = new TransactionLog();
    private final List<Fiber> fibers = new ArrayList<>();
    private final List<TxEngine> engines = new ArrayList<>();
    private TransactionManager manager;
    private int started;
    private int toDo;
    private int recovered;
    private int lives;

    Node(World world, Scheduler scheduler, String name, List<SimulatedLink> links, int deals) {
        this.world = world;
        this.scheduler = scheduler;
        this.name = name;
        this.links = links;
        this.toDo = deals;
        this.manager = newManager();
    }

    private TransactionManager newManager() {
        return new TransactionManager(name, log, world.bank()::violated, this::pause);
    }

    TransactionLog log() {
        return log;
    }

    List<SimulatedLink> links() {
        return links;
    }

    int recovered() {
        return recovered;
    }

    boolean isDead() {
        return engines.isEmpty();
    }

    void start(int threads) {
        scheduler.trace(() -> name + " starts");
        manager = newManager();
        fibers.clear();
        launch("recovery", () -> {
            boot();
            recover();
            for (int i = 0; i < threads; i++) {
                int number = i;
                scheduler.after(Duration.ZERO, () -> launch("worker " + number, this::work));
            }
            while (toDo > 0) {
                pause(BETWEEN_SCANS);
                recover();
            }
        });
    }

    /** What one life of the node sees of time; what it has put off dies with it. */
    private final class Life implements Engines.Surroundings {

        private final int number;
        private int ids;

        Life(int number) {
            this.number = number;
        }

        @Override
        public long nanos() {
            return scheduler.now().toNanos();
        }

        @Override
        public RandomGenerator random() {
            return scheduler.random();
        }

        @Override
        public void pause(Duration time) {
            Node.this.pause(time);
        }

        @Override
        public void later(Duration pause, Runnable task) {
            scheduler.after(pause, () -> {
                if (lives == number && !isDead()) {
                    launch("background", task);
                }
            });
        }

        @Override
        public String newId() {
            return name + "-" + number + "-" + ++ids;
        }
    }

    /** On a fiber, since an engine may ask etcd for something when it is opened. */
    private void boot() {
        engines.clear();
        Life life = new Life(++lives);
        links.forEach(link -> engines.add(Engines.over(link, name, life)));
    }

    void die() {
        scheduler.trace(() -> name + " dies");
        fibers.forEach(Fiber::die);
        fibers.clear();
        engines.clear();
    }

    /** After everything: in a process that lives, one more pass. Needs a fiber of its own. */
    void recoverOnce() {
        launch("last recovery", () -> {
            if (isDead()) {
                boot();
            }
            recover();
        });
    }

    private void launch(String what, Runnable body) {
        Fiber fiber = new Fiber(name + " " + what, body);
        fibers.add(fiber);
        fiber.start();
    }

    private void recover() {
        for (TxEngine engine : List.copyOf(engines)) {
            recovered += manager.recover(engine.newSession().xaResource());
        }
    }

    private void work() {
        while (toDo > 0) {
            toDo--;
            deal();
            pause();
        }
    }

    private void deal() {
        Random random = scheduler.random();
        String id = name + ":" + started++;
        int kind = random.nextInt(100);
        if (kind < 5) {
            audit(random.nextInt(Bank.ETCDS));
            return;
        }
        Deal deal = kind < 55 ? Deal.across(id, random) : Deal.within(id, random);
        world.bank().add(deal);
        Duration began = scheduler.now();
        Outcome outcome = kind < 70 ? global(deal) : kind < 85 ? local(deal) : alone(deal);
        Fiber.current().requireAlive();
        boolean settled = kind >= 85 || scheduler.now().minus(began).compareTo(Engines.SETTLING_TIME) >= 0;
        if (outcome == Outcome.UNKNOWN && !settled) {
            world.bank().violated("in doubt before the settling time was over: " + deal);
        }
        deal.ended(outcome);
        scheduler.trace(() -> deal.toString());
    }

    /** Under the transaction manager: one branch for each etcd. */
    private Outcome global(Deal deal) {
        List<Branch> branches = new ArrayList<>();
        boolean worked = true;
        manager.begin(deal.id());
        for (Deal.Part part : deal.parts()) {
            TxSession session = engines.get(part.etcd()).newSession();
            XAResource resource = session.xaResource();
            SimulatedXid xid = new SimulatedXid(deal.id(), "branch-" + part.etcd());
            if (TransactionManager.code(() -> resource.start(xid, XAResource.TMNOFLAGS)) != 0) {
                worked = false;
                break;
            }
            branches.add(new Branch(resource, xid));
            worked = apply(session, deal, part);
            boolean ok = worked;
            int ended = TransactionManager.code(() -> resource.end(xid, ok ? XAResource.TMSUCCESS : XAResource.TMFAIL));
            worked &= ended == 0;
            if (!worked) {
                break;
            }
        }
        return worked ? manager.commit(deal.id(), branches) : manager.rollback(deal.id(), branches);
    }

    /** A local transaction. */
    private Outcome local(Deal deal) {
        Deal.Part part = deal.parts().get(0);
        TxSession session = engines.get(part.etcd()).newSession();
        session.begin();
        if (!apply(session, deal, part)) {
            session.rollback();
            return Outcome.ROLLED_BACK;
        }
        try {
            session.commit();
            return Outcome.COMMITTED;
        } catch (EtcdException e) {
            return told(e);
        }
    }

    /** A Txn of the application's own, outside of any transaction. */
    private Outcome alone(Deal deal) {
        Deal.Part part = deal.parts().get(0);
        KvProtocol kv = engines.get(part.etcd()).newSession().kv();
        try {
            TxnRequest.Builder txn = TxnRequest.newBuilder();
            for (Map.Entry<String, Integer> amount : part.amounts().entrySet()) {
                KeyValue account = Kv.get(kv, amount.getKey());
                txn.addCompare(Compare.newBuilder()
                        .setKey(account.getKey())
                        .setTarget(Compare.CompareTarget.MOD)
                        .setResult(Compare.CompareResult.EQUAL)
                        .setModRevision(account.getModRevision()));
                txn.addSuccess(RequestOp.newBuilder()
                        .setRequestPut(Kv.put(amount.getKey(), Kv.number(account) + amount.getValue())));
            }
            txn.addSuccess(RequestOp.newBuilder().setRequestPut(Kv.put(deal.receipt(), 1)));
            return Kv.answer(kv.txn(txn.build())).getSucceeded() ? Outcome.COMMITTED : Outcome.ROLLED_BACK;
        } catch (EtcdException e) {
            return told(e);
        }
    }

    private static Outcome told(EtcdException failure) {
        return failure.effect() == Effect.IN_DOUBT ? Outcome.UNKNOWN : Outcome.ROLLED_BACK;
    }

    /** False when it has failed, and there is nothing to do but to roll back. */
    private boolean apply(TxSession session, Deal deal, Deal.Part part) {
        try {
            for (Map.Entry<String, Integer> amount : part.amounts().entrySet()) {
                int balance = Kv.number(Kv.get(session.kv(), amount.getKey()));
                Kv.answer(session.kv().put(Kv.put(amount.getKey(), balance + amount.getValue())));
            }
            Kv.answer(session.kv().put(Kv.put(deal.receipt(), 1)));
            return true;
        } catch (EtcdException e) {
            return false;
        }
    }

    /** A transaction that only reads sees one moment of an etcd. */
    private void audit(int etcd) {
        TxSession session = engines.get(etcd).newSession();
        session.begin();
        try {
            int total = 0;
            for (KeyValue account : Kv.prefix(session.kv(), Bank.CLOSED)) {
                total += Kv.number(account);
            }
            session.commit();
            if (total != Bank.closedTotal()) {
                world.bank().violated("an audit has counted " + total);
            }
        } catch (EtcdException e) {
            session.reset();
        }
    }

    private void pause() {
        pause(Faults.latency(scheduler.random()));
    }

    private void pause(Duration time) {
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        scheduler.after(time, () -> over.complete(true));
        Fiber.current().await(over);
    }
}
