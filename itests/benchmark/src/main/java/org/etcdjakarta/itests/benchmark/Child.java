package org.etcdjakarta.itests.benchmark;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One client in a JVM of its own. Arguments: variant and endpoint. Says {@code ready <Java version>}, then answers each line
 * {@code <millis> <cell>} with {@code sample <line of a sample>} or {@code failed <why>}, and ends with its standard input.
 */
final class Child {

    static final String READY = "ready ";
    static final String SAMPLE = "sample ";
    static final String FAILED = "failed ";

    private final PrintStream out;

    private Child(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        // Whatever a library prints must not get between the answers.
        System.setOut(System.err);
        Child child = new Child(out);
        try (KvCalls kv = Variant.parse(arguments[0]).open(arguments[1])) {
            kv.fill();
            child.say(READY + Runtime.version());
            child.answerCommands(new LoadGenerator(kv));
        }
        // jetcd leaves threads behind that are no daemons.
        System.exit(0);
    }

    private void answerCommands(LoadGenerator load) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            say(answer(load, line));
        }
    }

    private static String answer(LoadGenerator load, String line) throws InterruptedException {
        int space = line.indexOf(' ');
        Duration duration = Duration.ofMillis(Long.parseLong(line.substring(0, space)));
        try {
            return SAMPLE
                    + load.run(Cell.parse(line.substring(space + 1)), duration).toLine();
        } catch (IllegalStateException e) {
            e.printStackTrace();
            return FAILED + String.valueOf(e.getMessage()).replace('\n', ' ');
        }
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }
}
