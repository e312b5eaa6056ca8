package org.etcdjakarta.itests.benchmark;

import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What the callers run on. */
enum ThreadKind {
    PLATFORM {
        @Override
        ExecutorService executor(int callers) {
            return Executors.newFixedThreadPool(callers);
        }
    },
    VIRTUAL {
        @Override
        ExecutorService executor(int callers) {
            try {
                // By reflection, because the byte code is Java 17's.
                return (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(
                        "no virtual threads in Java " + Runtime.version() + "; they came with 21", e);
            }
        }
    };

    /** The first JDK with virtual threads. */
    static final int VIRTUAL_SINCE = 21;

    /** A thread of its own for each of so many callers. */
    abstract ExecutorService executor(int callers);

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
