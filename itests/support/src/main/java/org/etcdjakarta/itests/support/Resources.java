package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What this process holds of the operating system at one moment, to see later what has been taken since and not given back:
 * threads, sockets, and the descriptors that an event loop needs for itself. Linux only, as the processes of {@link EtcdServer}.
 *
 * <p>Files are not counted: the JDK opens archives and class files whenever it likes.
 */
public final class Resources {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Each has its own number: one that others close meanwhile does not make up for one that is opened. */
    private static final Predicate<String> SOCKET = target -> target.startsWith("socket:");

    private final Threads threads;
    private final Set<String> sockets;
    private final long loops;

    private Resources() {
        threads = Threads.snapshot();
        sockets = open(SOCKET).collect(Collectors.toUnmodifiableSet());
        loops = eventLoops();
    }

    public static Resources snapshot() {
        return new Resources();
    }

    /** Waits until no more is held than at the snapshot; the failure says what stays. */
    public void awaitBack(Duration atMost) {
        try {
            Awaitility.await("threads, sockets and event loops given back")
                    .atMost(atMost)
                    .until(this::takenSince, List::isEmpty);
        } catch (ConditionTimeoutException e) {
            throw new ConditionTimeoutException(e.getMessage() + threads.stacks(), e);
        }
    }

    /** What is held now and was not then. */
    public List<String> takenSince() {
        return Stream.of(
                        threads.startedSince().stream(),
                        more(
                                "sockets",
                                open(SOCKET)
                                        .filter(socket -> !sockets.contains(socket))
                                        .count()),
                        more("descriptors of event loops", eventLoops() - loops))
                .flatMap(taken -> taken)
                .toList();
    }

    private static long eventLoops() {
        return open(target -> target.startsWith("anon_inode:") || target.startsWith("pipe:"))
                .count();
    }

    private static Stream<String> more(String what, long number) {
        return number > 0 ? Stream.of(number + " " + what) : Stream.empty();
    }

    private static Stream<String> open(Predicate<String> wanted) {
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            return descriptors.map(Resources::target).filter(wanted).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException e) {
            // Closed since the folder was listed, or the listing's own.
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
