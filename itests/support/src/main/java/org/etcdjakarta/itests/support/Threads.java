package org.etcdjakarta.itests.support;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The threads of this JVM at one moment, to see later what has been started since and never stopped. */
public final class Threads {

    /** Started by the JDK or the test framework on first use, for good, whoever uses them. */
    private static final List<String> NOT_OURS = List.of(
            "process reaper",
            "Attach Listener",
            "Common-Cleaner",
            "CompletableFutureDelayScheduler",
            "ForkJoinPool.commonPool",
            "Keep-Alive-Timer",
            "surefire-forkedjvm",
            "awaitility",
            "junit-",
            "tcp-proxy");

    private final Set<Long> before;

    private Threads(Set<Long> before) {
        this.before = before;
    }

    public static Threads snapshot() {
        return new Threads(live().map(Thread::getId).collect(Collectors.toUnmodifiableSet()));
    }

    /** Names of the threads that are alive now, were not when the snapshot was taken, and belong to somebody we can blame. */
    public List<String> startedSince() {
        return left().map(Thread::getName).sorted().toList();
    }

    private Stream<Thread> left() {
        return live().filter(thread -> !before.contains(thread.getId()))
                .filter(thread -> NOT_OURS.stream().noneMatch(thread.getName()::startsWith));
    }

    /** Waits until nothing of what was started since is left; the failure names the threads that stay, and what they do. */
    public void awaitBack(Duration atMost) {
        try {
            Awaitility.await("threads ended").atMost(atMost).until(this::startedSince, List::isEmpty);
        } catch (ConditionTimeoutException e) {
            throw new ConditionTimeoutException(e.getMessage() + stacks(), e);
        }
    }

    /** Of the threads that were started since, each on lines of its own. */
    String stacks() {
        return left().map(thread -> "\n" + thread + " " + thread.getState()
                        + Stream.of(thread.getStackTrace())
                                .map(frame -> "\n    at " + frame)
                                .collect(Collectors.joining()))
                .collect(Collectors.joining());
    }

    private static Stream<Thread> live() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        // enumerate() silently leaves out what does not fit, so the array grows until there is room to spare.
        Thread[] threads = new Thread[256];
        int count;
        while ((count = root.enumerate(threads, true)) == threads.length) {
            threads = new Thread[threads.length * 2];
        }
        return Arrays.stream(threads, 0, count);
    }
}
