package org.etcdjakarta.itests.support;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Three real etcd processes on the loopback interface that form one cluster. A member is an {@link EtcdServer} and can be
 * killed, stopped, paused and restarted as such. A leader that dies is replaced in about a second.
 */
public final class EtcdCluster implements AutoCloseable {

    private static final int SIZE = 3;
    private static final Duration ELECTED = Duration.ofSeconds(90);

    /**
     * Heartbeats four times as often as an election needs, so that a busy machine alone makes no leader fall; notices of progress
     * while a test runs.
     */
    private static final List<String> FLAGS = List.of(
            "--heartbeat-interval=75", "--election-timeout=750", "--experimental-watch-progress-notify-interval=1s");

    private final List<EtcdServer> members;

    private EtcdCluster(List<EtcdServer> members) {
        this.members = members;
    }

    /** Starts one of the line that the build asks for and waits until all members serve. */
    public static EtcdCluster start() {
        Path binaries = EtcdBinaries.folder(System.getProperty(EtcdServer.LINE_PROPERTY, ""));
        List<EtcdServer> members = new ArrayList<>();
        for (int i = 1; i <= SIZE; i++) {
            members.add(new EtcdServer(binaries, FLAGS, "test" + i));
        }
        EtcdCluster cluster = new EtcdCluster(List.copyOf(members));
        try {
            cluster.startOnFreePorts();
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void startOnFreePorts() {
        for (int attempt = 1; ; attempt++) {
            int[] ports = Ports.free(2 * SIZE);
            for (int i = 0; i < SIZE; i++) {
                members.get(i).use(ports[2 * i], ports[2 * i + 1]);
            }
            String initial = members.stream().map(EtcdServer::asInitial).collect(Collectors.joining(","));
            for (EtcdServer member : members) {
                member.joins(initial);
                member.launch();
            }
            try {
                members.forEach(EtcdServer::awaitReady);
                return;
            } catch (IllegalStateException e) {
                // As for a single server: a port was taken between our look and etcd's bind. All begin anew, because
                // the
                // others know the lost port as their peer's.
                if (attempt == EtcdServer.ATTEMPTS || members.stream().noneMatch(EtcdServer::lostItsPort)) {
                    throw e;
                }
                for (EtcdServer member : members) {
                    if (member.isRunning()) {
                        member.kill();
                    }
                    member.forgetData();
                }
            }
        }
    }

    /** In the order of {@link #endpoints()}, also those that are down. */
    public List<EtcdServer> members() {
        return members;
    }

    /** All members' endpoints, with commas between. */
    public String endpoints() {
        return members.stream().map(EtcdServer::endpoint).collect(Collectors.joining(","));
    }

    /** The member that leads now; waits for the end of an election. */
    public EtcdServer leader() {
        return Awaitility.await("a leader")
                .pollInterval(Duration.ofMillis(50))
                .atMost(ELECTED)
                .ignoreExceptions()
                .until(this::leaderNow, leader -> leader != null);
    }

    /** A member that runs and does not lead. */
    public EtcdServer follower() {
        EtcdServer leader = leader();
        return members.stream()
                .filter(member -> member != leader && member.isAwake())
                .findFirst()
                .orElseThrow();
    }

    /** Null also when two say so: one of them has not yet heard that it was replaced. */
    private @Nullable EtcdServer leaderNow() {
        List<EtcdServer> leaders = members.stream()
                .filter(EtcdServer::isAwake)
                .filter(member -> member.metrics().isLeader())
                .toList();
        return leaders.size() == 1 ? leaders.get(0) : null;
    }

    /** Resumes and restarts what a test has paused or ended, and waits until all members serve. */
    public void heal() {
        for (EtcdServer member : members) {
            if (!member.isRunning()) {
                member.launch();
            } else if (!member.isAwake()) {
                member.resume();
            }
        }
        members.forEach(EtcdServer::awaitReady);
    }

    @Override
    public void close() {
        members.forEach(EtcdServer::close);
    }

    @Override
    public String toString() {
        return "etcd cluster at " + endpoints();
    }
}
