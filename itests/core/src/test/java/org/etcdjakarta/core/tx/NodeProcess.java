package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.PutRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/** Another server, as far as etcd can tell: a process with an engine that does what a test tells it, a line at a time. */
final class NodeProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    /** Before each answer; whatever else the process prints is passed by. */
    private static final String ANSWER = "> ";

    private final Process process;
    private final PrintStream commands;
    private final BufferedReader answers;

    private NodeProcess(Process process) {
        this.process = process;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static NodeProcess start(String endpoint, String reserved, String node, Duration sessionTtl) throws IOException {
        return new NodeProcess(new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NodeProcess.class.getName(),
                        endpoint,
                        reserved,
                        node,
                        sessionTtl.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    static EtcdLinkConfig link(String endpoint, Duration sessionTtl) {
        return EtcdLinkConfig.builder()
                .endpoints(endpoint)
                .sessionTtl(sessionTtl)
                .build();
    }

    static TxSettings settings(String reserved, String node) {
        return new TxSettings(reserved, TxSettings.DEFAULT_MAX_TXN_OPS, node);
    }

    static BranchXid xid(String gtrid) {
        return new BranchXid(131077, ByteString.copyFromUtf8(gtrid), ByteString.copyFromUtf8("branch"));
    }

    /** Writes the key in the branch and prepares it. */
    static void prepare(TxSession session, Xid xid, String key, String value) throws XAException {
        session.xaResource().start(xid, XAResource.TMNOFLAGS);
        put(session, key, value).join();
        session.xaResource().end(xid, XAResource.TMSUCCESS);
        session.xaResource().prepare(xid);
    }

    static CompletableFuture<?> put(TxSession session, String key, String value) {
        return session.kv()
                .put(PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value))
                        .build());
    }

    /** Prepares a branch that writes the key. */
    void prepare(String gtrid, String key) {
        tell("prepare " + gtrid + " " + key);
    }

    /** Returns "done", or the code that it failed with. */
    String commit(String gtrid) {
        return tell("commit " + gtrid);
    }

    /** Global transaction ids, in their order. */
    List<String> recover() {
        String found = tell("recover");
        return found.isEmpty() ? List.of() : List.of(found.split(" "));
    }

    /** Outside of transactions; returns "done", or what it failed with. */
    String put(String key, String value) {
        return tell("put " + key + " " + value);
    }

    /** Closes the engine in order; the process goes on. */
    void closeEngine() {
        tell("close");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Without any more words. */
    void halt() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("process " + process.pid() + " does not end");
        }
    }

    @Override
    public void close() throws InterruptedException {
        halt();
    }

    private String tell(String command) {
        commands.println(command);
        try {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(ANSWER)) {
                    return line.substring(ANSWER.length());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("the process ended at: " + command);
    }

    public static void main(String[] arguments) throws Exception {
        TxEngine engine =
                TxEngine.open(link(arguments[0], Duration.parse(arguments[3])), settings(arguments[1], arguments[2]));
        TxSession session = engine.newSession();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            String answer = "done";
            switch (words[0]) {
                case "prepare" -> prepare(session, xid(words[1]), words[2], words[1]);
                case "commit" -> answer = commit(session.xaResource(), xid(words[1]));
                case "recover" ->
                    answer = Stream.of(session.xaResource().recover(XAResource.TMSTARTRSCAN))
                            .map(found -> BranchXid.of(found).gtrid().toStringUtf8())
                            .collect(Collectors.joining(" "));
                case "put" -> answer = outcome(put(session, words[1], words[2]));
                case "close" -> engine.close();
                default -> throw new IllegalArgumentException(line);
            }
            System.out.println(ANSWER + answer);
        }
        // whoever has started it is gone
        Runtime.getRuntime().halt(1);
    }

    private static String commit(XAResource resource, Xid xid) {
        try {
            resource.commit(xid, false);
            return "done";
        } catch (XAException e) {
            return String.valueOf(e.errorCode);
        }
    }

    private static String outcome(CompletableFuture<?> call) {
        try {
            call.join();
            return "done";
        } catch (CompletionException e) {
            return e.getCause() instanceof EtcdException refused ? refused.getMessage() : e.toString();
        }
    }
}
