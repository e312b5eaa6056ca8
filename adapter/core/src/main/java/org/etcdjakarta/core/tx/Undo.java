package org.etcdjakarta.core.tx;

import java.util.ArrayDeque;
import java.util.Deque;

/** How to take back what the operation under way has changed; the last change first. */
final class Undo {

    private final Deque<Runnable> steps = new ArrayDeque<>();

    void add(Runnable step) {
        steps.push(step);
    }

    void run() {
        while (!steps.isEmpty()) {
            steps.pop().run();
        }
    }

    /** What was done stays. */
    void forget() {
        steps.clear();
    }
}
