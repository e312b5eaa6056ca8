package org.etcdjakarta.itests.tx.history;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.etcdjakarta.itests.support.EtcdCluster;
import org.etcdjakarta.itests.support.EtcdServer;
import org.etcdjakarta.itests.support.TcpProxy;

/** A cluster behind a proxy for each member, and what a seed has happen to both, one after the other. */
final class ClusterFaults implements AutoCloseable {

    /** Long enough for clients to come upon it, and over when they go on without. */
    private static final int NOTICED = 40;

    private static final Duration LONGEST = Duration.ofSeconds(4);
    private static final Duration GENEROUS = Duration.ofSeconds(90);

    private final EtcdCluster cluster;
    private final Random random;
    private final IntSupplier progress;
    private final List<TcpProxy> proxies = new ArrayList<>();
    private final List<String> happened = new ArrayList<>();

    /** @param progress counts what clients have done */
    ClusterFaults(EtcdCluster cluster, long seed, IntSupplier progress) {
        this.cluster = cluster;
        this.random = new Random(seed);
        this.progress = progress;
        cluster.members().forEach(member -> proxies.add(TcpProxy.to(member)));
    }

    String endpoints() {
        return proxies.stream().map(TcpProxy::endpoint).collect(Collectors.joining(","));
    }

    List<String> happened() {
        return happened;
    }

    /** One fault, endured and mended. */
    void next() {
        int kind = random.nextInt(7);
        TcpProxy proxy = proxies.get(random.nextInt(proxies.size()));
        switch (kind) {
            case 0 -> killed("leader", cluster.leader());
            case 1 -> killed("follower", cluster.follower());
            case 2 -> paused("leader", cluster.leader());
            case 3 -> paused("follower", cluster.follower());
            case 4 -> {
                happened.add("connections cut");
                proxies.forEach(TcpProxy::drop);
                proxies.forEach(TcpProxy::restore);
            }
            case 5 -> {
                happened.add("answers held back and lost");
                proxies.forEach(TcpProxy::holdResponses);
                endure(1);
                proxies.forEach(TcpProxy::drop);
                proxies.forEach(TcpProxy::restore);
            }
            default -> {
                happened.add("a member out of reach");
                proxy.blackHole();
                endure(NOTICED);
                proxy.drop();
                proxy.restore();
            }
        }
        endure(NOTICED);
    }

    private void killed(String role, EtcdServer member) {
        happened.add(role + " killed");
        member.kill();
        endure(NOTICED);
        member.restart();
    }

    private void paused(String role, EtcdServer member) {
        happened.add(role + " paused");
        member.pause();
        endure(NOTICED);
        member.resume();
    }

    /** Until so much more is done, or it is clear that nothing goes on. */
    private void endure(int more) {
        int enough = progress.getAsInt() + more;
        long since = System.nanoTime();
        await().atMost(GENEROUS)
                .until(() -> progress.getAsInt() >= enough || System.nanoTime() - since > LONGEST.toNanos());
    }

    @Override
    public void close() {
        cluster.heal();
        proxies.forEach(TcpProxy::close);
    }
}
