package org.etcdjakarta.itests.tx.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directed graph whose edges say why one transaction must come before another, and its shortest cycles. */
final class Dependencies {

    enum Kind {
        /** It has overwritten what the other wrote. */
        WW,
        /** It has seen what the other wrote. */
        WR,
        /** It has overwritten what the other saw. */
        RW,
        /** It began after the other had ended. */
        REAL_TIME
    }

    record Edge(int from, int to, Kind kind, String key) {}

    /** Starting points for the shortest cycle; any is one, and a few hundred find a short one. */
    private static final int TRIED = 300;

    private final List<List<Edge>> edges = new ArrayList<>();

    int node() {
        edges.add(new ArrayList<>());
        return edges.size() - 1;
    }

    void edge(int from, int to, Kind kind, String key) {
        if (from != to) {
            edges.get(from).add(new Edge(from, to, kind, key));
        }
    }

    /** The shortest cycle that was found of edges of these kinds, or null when there is none. */
    @Nullable
    List<Edge> cycle(EnumSet<Kind> kinds) {
        List<Edge> shortest = null;
        int[] component = components(kinds);
        int[] size = new int[edges.size()];
        for (int node = 0; node < edges.size(); node++) {
            size[component[node]]++;
        }
        int tried = 0;
        for (int node = 0; node < edges.size() && tried < TRIED; node++) {
            if (size[component[node]] > 1) {
                tried++;
                List<Edge> found = from(node, kinds, component);
                if (shortest == null || found.size() < shortest.size()) {
                    shortest = found;
                }
            }
        }
        return shortest;
    }

    /** Breadth first, within the component, until it is back. */
    private List<Edge> from(int start, Set<Kind> kinds, int[] component) {
        @Nullable Edge[] by = new Edge[edges.size()];
        Deque<Integer> queue = new ArrayDeque<>(List.of(start));
        while (true) {
            int node = queue.remove();
            for (Edge edge : edges.get(node)) {
                if (!kinds.contains(edge.kind()) || component[edge.to()] != component[start]) {
                    continue;
                }
                if (edge.to() == start) {
                    List<Edge> cycle = new ArrayList<>(List.of(edge));
                    for (int at = node; at != start; ) {
                        Edge before = by[at];
                        if (before == null) {
                            throw new IllegalStateException("no way back");
                        }
                        cycle.add(0, before);
                        at = before.from();
                    }
                    return cycle;
                }
                if (by[edge.to()] == null) {
                    by[edge.to()] = edge;
                    queue.add(edge.to());
                }
            }
        }
    }

    /** Strongly connected components, Tarjan's way without recursion. Returns the component of each node. */
    private int[] components(Set<Kind> kinds) {
        int count = edges.size();
        int[] index = new int[count];
        int[] low = new int[count];
        int[] next = new int[count];
        int[] component = new int[count];
        Arrays.fill(index, -1);
        Arrays.fill(component, -1);
        Deque<Integer> open = new ArrayDeque<>();
        Deque<Integer> path = new ArrayDeque<>();
        int counter = 0;
        int components = 0;
        for (int root = 0; root < count; root++) {
            if (index[root] != -1) {
                continue;
            }
            path.push(root);
            while (!path.isEmpty()) {
                int node = path.peek();
                if (index[node] == -1) {
                    index[node] = counter;
                    low[node] = counter++;
                    open.push(node);
                }
                boolean deeper = false;
                List<Edge> out = edges.get(node);
                while (next[node] < out.size()) {
                    Edge edge = out.get(next[node]);
                    if (kinds.contains(edge.kind()) && index[edge.to()] == -1) {
                        path.push(edge.to());
                        deeper = true;
                        break;
                    }
                    if (kinds.contains(edge.kind()) && component[edge.to()] == -1) {
                        low[node] = Math.min(low[node], low[edge.to()]);
                    }
                    next[node]++;
                }
                if (deeper) {
                    continue;
                }
                path.pop();
                if (low[node] == index[node]) {
                    int member;
                    do {
                        member = open.pop();
                        component[member] = components;
                    } while (member != node);
                    components++;
                }
            }
        }
        return component;
    }
}
