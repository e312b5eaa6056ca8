package org.etcdjakarta.itests.tx.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.etcdjakarta.itests.tx.history.Dependencies.Edge;
import org.etcdjakarta.itests.tx.history.Dependencies.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Whether a history is strictly serializable: it is if and only if its dependencies, real time among them, have no cycle. What
 * is found has the names of Adya's thesis.
 */
final class Serializability {

    enum Anomaly {
        /** Has read what nobody has committed. */
        G1A_ABORTED_READ,
        /** Writes of two transactions are interleaved. */
        G0_DIRTY_WRITE,
        /** Two have seen each other's writes. */
        G1C_CIRCULAR_INFORMATION,
        /** Has overwritten, or acted upon, what another had changed: lost update, read skew. */
        G_SINGLE,
        /** Two have each overwritten what the other saw: write skew, phantoms. */
        G2_WRITE_SKEW,
        /** Each order that explains the reads contradicts real time: a stale read. */
        REAL_TIME
    }

    record Finding(Anomaly anomaly, String explanation) {}

    private static final String BARRIER = "";

    private final History history;
    private final Dependencies graph = new Dependencies();
    private final Map<String, Integer> nodes = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();

    private Serializability(History history) {
        this.history = history;
    }

    /** Null when it is strictly serializable. */
    static @Nullable Finding check(History history) {
        return new Serializability(history).check();
    }

    private @Nullable Finding check() {
        for (History.Transaction transaction : history.transactions()) {
            int node = graph.node();
            nodes.put(transaction.id(), node);
            names.put(node, transaction.id());
        }
        history.order().forEach(this::overwrites);
        for (History.Transaction transaction : history.transactions()) {
            for (Map.Entry<String, String> read : transaction.reads().entrySet()) {
                if (!isWriter(read.getValue(), read.getKey())) {
                    return new Finding(
                            Anomaly.G1A_ABORTED_READ,
                            transaction.id() + " has read " + read.getKey() + " of " + read.getValue()
                                    + ", which has not committed it");
                }
                read(transaction.id(), read.getKey(), read.getValue());
            }
        }
        realTime();
        List<Edge> cycle = graph.cycle(EnumSet.of(Kind.WW));
        if (cycle != null) {
            return finding(Anomaly.G0_DIRTY_WRITE, cycle);
        }
        cycle = graph.cycle(EnumSet.of(Kind.WW, Kind.WR));
        if (cycle != null) {
            return finding(Anomaly.G1C_CIRCULAR_INFORMATION, cycle);
        }
        cycle = graph.cycle(EnumSet.of(Kind.WW, Kind.WR, Kind.RW));
        if (cycle != null) {
            long skews = cycle.stream().filter(edge -> edge.kind() == Kind.RW).count();
            return finding(skews == 1 ? Anomaly.G_SINGLE : Anomaly.G2_WRITE_SKEW, cycle);
        }
        cycle = graph.cycle(EnumSet.allOf(Kind.class));
        return cycle == null ? null : finding(Anomaly.REAL_TIME, cycle);
    }

    private boolean isWriter(String writer, String key) {
        return writer.equals(History.INITIAL)
                || history.order().getOrDefault(key, List.of()).contains(writer);
    }

    private int node(String transaction) {
        Integer node = nodes.get(transaction);
        if (node == null) {
            throw new IllegalArgumentException(transaction + " has written and is not in the history");
        }
        return node;
    }

    private void overwrites(String key, List<String> writers) {
        for (int i = 1; i < writers.size(); i++) {
            graph.edge(node(writers.get(i - 1)), node(writers.get(i)), Kind.WW, key);
        }
    }

    private void read(String reader, String key, String writer) {
        List<String> writers = history.order().getOrDefault(key, List.of());
        int version = writers.indexOf(writer);
        if (version >= 0) {
            graph.edge(node(writer), node(reader), Kind.WR, key);
        }
        // what comes after the reader's own write comes after the reader anyhow
        if (version + 1 < writers.size() && !writers.get(version + 1).equals(reader)) {
            graph.edge(node(reader), node(writers.get(version + 1)), Kind.RW, key);
        }
    }

    /**
     * Who began after another had ended comes after it. Not an edge for each pair, but a chain of barriers, one for each end: a
     * transaction leads to the barrier of its end, and the last barrier before a beginning leads to who begins.
     */
    private void realTime() {
        List<History.Transaction> byEnd = history.transactions().stream()
                .filter(transaction -> transaction.ended() != Long.MAX_VALUE)
                .sorted(Comparator.comparingLong(History.Transaction::ended))
                .toList();
        List<History.Transaction> byBegin = history.transactions().stream()
                .sorted(Comparator.comparingLong(History.Transaction::began))
                .toList();
        int ended = 0;
        int barrier = -1;
        for (History.Transaction beginning : byBegin) {
            while (ended < byEnd.size() && byEnd.get(ended).ended() < beginning.began()) {
                int next = graph.node();
                names.put(next, BARRIER);
                if (barrier >= 0) {
                    graph.edge(barrier, next, Kind.REAL_TIME, BARRIER);
                }
                graph.edge(node(byEnd.get(ended++).id()), next, Kind.REAL_TIME, BARRIER);
                barrier = next;
            }
            if (barrier >= 0) {
                graph.edge(barrier, node(beginning.id()), Kind.REAL_TIME, BARRIER);
            }
        }
    }

    private Finding finding(Anomaly anomaly, List<Edge> cycle) {
        Set<String> involved = new HashSet<>();
        List<String> words = new ArrayList<>();
        for (int i = 0; i < cycle.size(); i++) {
            Edge edge = cycle.get(i);
            String from = names.getOrDefault(edge.from(), "?");
            String to = names.getOrDefault(edge.to(), "?");
            involved.add(from);
            if (!from.equals(BARRIER)) {
                words.add(from);
            }
            if (edge.kind() != Kind.REAL_TIME) {
                words.add("-" + edge.kind() + " " + edge.key() + "->");
            } else if (!to.equals(BARRIER)) {
                words.add("-before->");
            }
            if (i == cycle.size() - 1) {
                words.add(to.equals(BARRIER) ? "" : to);
            }
        }
        String who = history.transactions().stream()
                .filter(transaction -> involved.contains(transaction.id()))
                .map(History.Transaction::toString)
                .collect(Collectors.joining("\n  ", "\n  ", ""));
        return new Finding(anomaly, String.join(" ", words) + who);
    }
}
