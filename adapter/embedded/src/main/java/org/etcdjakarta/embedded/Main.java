package org.etcdjakarta.embedded;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/** {@code java -jar}: an embedded etcd in a process of its own, until it is told to end. */
public final class Main {

    private static final int ETCD_PORT = 2379;

    private static final String USAGE =
            """
            usage: java -jar etcd-jakarta-embedded-<version>-server.jar [--port N]

            An etcd in memory, for development and tests only: one member, nothing on disk, this machine only.

              --port N    the port to listen on, 1 to 65535, or 0 for a free one (default 2379)
              --help      this text

            Ctrl-C or SIGTERM ends it, and its data with it.""";

    /** Held here, or its level would be forgotten. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    private Main() {}

    /** Exit codes: 1 when it cannot listen, 2 for arguments that it does not know; else it ends by a signal. */
    public static void main(String[] arguments) throws InterruptedException {
        // It would tell about the system's network beside the banner.
        GRPC.setLevel(Level.WARNING);
        int code = start(List.of(arguments), System.out, System.err);
        if (code != RUNNING) {
            System.exit(code);
        }
        // All threads of the server are daemons.
        new CountDownLatch(1).await();
    }

    static final int RUNNING = -1;

    /** Returns the exit code, or {@link #RUNNING}. */
    static int start(List<String> arguments, PrintStream out, PrintStream err) {
        if (arguments.contains("--help") || arguments.contains("-h")) {
            out.println(USAGE);
            return 0;
        }
        int port;
        try {
            port = port(arguments);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.println(USAGE);
            return 2;
        }
        try {
            EmbeddedEtcd etcd = EmbeddedEtcd.start(port, Clock.systemUTC(), out::println);
            Runtime.getRuntime().addShutdownHook(new Thread(etcd::close, "embedded-etcd-end"));
            return RUNNING;
        } catch (UncheckedIOException e) {
            err.println("--port " + port + ": " + e.getMessage() + "; choose another one, or 0 for a free one");
            return 1;
        }
    }

    private static int port(List<String> arguments) {
        int port = ETCD_PORT;
        for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
            String argument = rest.next();
            if (argument.equals("--port")) {
                port = port(rest.hasNext() ? rest.next() : "");
            } else if (argument.startsWith("--port=")) {
                port = port(argument.substring("--port=".length()));
            } else {
                throw new IllegalArgumentException(
                        "unknown argument \"" + argument + "\"; allowed are --port N and --help");
            }
        }
        return port;
    }

    private static int port(String value) {
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > 65535) {
            throw new IllegalArgumentException("--port takes a number from 0 to 65535, not \"" + value + "\"");
        }
        return Integer.parseInt(value);
    }
}
