package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.CompactionResponse;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.link.KvProtocol;

/**
 * A process that ends one transaction over two resource managers and halts at one of the calls that this makes to etcd. What it
 * calls, and its decision to commit, it writes into a file first: that is its transaction manager's log.
 */
final class MatrixProcess {

    /** The last two lose the prepare of the last resource on its way, and settle what became of it. */
    enum Ending {
        COMMIT,
        ROLLBACK,
        ONE_PHASE,
        /** It was applied: the branch is prepared. */
        PREPARE_ANSWER_LOST,
        /** It never arrives: the branch is fenced off, and all are rolled back. */
        PREPARE_REQUEST_LOST;

        /** Whether a process that does not halt decides to commit. */
        boolean commits() {
            return this == COMMIT || this == PREPARE_ANSWER_LOST;
        }
    }

    enum Moment {
        NEVER,
        BEFORE,
        AFTER
    }

    /** @param number of the call, from 1 */
    record Cell(Ending ending, Moment moment, int number) {
        String name() {
            return ending + "-" + moment + "-" + number;
        }
    }

    static final int HALTED = 97;
    static final String DECIDED = "decided";

    /** Stands after the call that was lost. */
    static final String LOST = "lost";

    static final String RESERVED = "/_matrix/";
    static final int RESOURCES = 2;

    /** For so long recovery leaves alone what a process has prepared that has halted; etcd grants no less. */
    private static final Duration SESSION_TTL = Duration.ofSeconds(2);

    private final Cell cell;
    private final Path log;
    private final Thread thread = Thread.currentThread();
    private boolean armed;
    private int calls;
    private volatile boolean lost;

    private MatrixProcess(Cell cell, Path log) {
        this.cell = cell;
        this.log = log;
    }

    static Process start(Cell cell, String endpoint, Path log) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MatrixProcess.class.getName(),
                        cell.ending().name(),
                        cell.moment().name(),
                        String.valueOf(cell.number()),
                        endpoint,
                        log.toString()))
                .inheritIO()
                .start();
    }

    public static void main(String[] arguments) throws Exception {
        Cell cell =
                new Cell(Ending.valueOf(arguments[0]), Moment.valueOf(arguments[1]), Integer.parseInt(arguments[2]));
        new MatrixProcess(cell, Path.of(arguments[4])).run(arguments[3]);
        // nothing is closed: whoever gets here has done its work, and closing is no part of it
        Runtime.getRuntime().halt(0);
    }

    static String key(Cell cell, int resource) {
        return "/matrix/" + cell.name() + "/" + resource;
    }

    static BranchXid xid(Cell cell, int resource) {
        return new BranchXid(
                131077, ByteString.copyFromUtf8(cell.name()), ByteString.copyFromUtf8(String.valueOf(resource)));
    }

    /** Each cell has resource managers of its own, so that what others have prepared adds no call to it. */
    static TxSettings settings(Cell cell, int resource) {
        return new TxSettings(RESERVED + cell.name() + "/" + resource + "/", TxSettings.DEFAULT_MAX_TXN_OPS, "matrix");
    }

    private void run(String endpoint) throws Exception {
        Links links = Links.of(
                EtcdLinkConfig.builder()
                        .endpoints(endpoint)
                        .sessionTtl(SESSION_TTL)
                        .build(),
                RESERVED);
        int resources = cell.ending() == Ending.ONE_PHASE ? 1 : RESOURCES;
        XAResource[] all = new XAResource[resources];
        BranchXid[] xids = new BranchXid[resources];
        for (int i = 0; i < resources; i++) {
            TxSession session =
                    TxEngine.over(halting(links, i), settings(cell, i)).newSession();
            all[i] = session.xaResource();
            xids[i] = xid(cell, i);
            all[i].start(xids[i], XAResource.TMNOFLAGS);
            ByteString key = ByteString.copyFromUtf8(key(cell, i));
            session.kv().range(RangeRequest.newBuilder().setKey(key).build()).join();
            session.kv()
                    .put(PutRequest.newBuilder()
                            .setKey(key)
                            .setValue(ByteString.copyFromUtf8("written"))
                            .build())
                    .join();
            all[i].end(xids[i], XAResource.TMSUCCESS);
        }
        armed = true;
        if (cell.ending() == Ending.ONE_PHASE) {
            all[0].commit(xids[0], true);
            return;
        }
        boolean prepared = true;
        for (int i = 0; i < resources; i++) {
            prepared = prepared && isPrepared(all[i], xids[i]);
        }
        if (prepared != (cell.ending() != Ending.PREPARE_REQUEST_LOST)) {
            throw new IllegalStateException(cell.name() + (prepared ? " is" : " is not") + " prepared");
        }
        if (cell.ending().commits()) {
            write(DECIDED);
        }
        for (int i = 0; i < resources; i++) {
            if (cell.ending().commits()) {
                all[i].commit(xids[i], false);
            } else if (prepared || i < resources - 1) {
                all[i].rollback(xids[i]);
            }
        }
    }

    /** False when the resource has rolled it back, and knows it no more. */
    private static boolean isPrepared(XAResource resource, BranchXid xid) throws XAException {
        try {
            resource.prepare(xid);
            return true;
        } catch (XAException e) {
            if (e.errorCode < XAException.XA_RBBASE || e.errorCode > XAException.XA_RBEND) {
                throw e;
            }
            return false;
        }
    }

    private void write(String line) {
        try {
            Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Links halting(Links links, int resource) {
        return new Links() {
            @Override
            public Borrowed borrow() {
                Borrowed borrowed = links.borrow();
                return borrowed.with(new Halting(borrowed.kv(), resource));
            }

            @Override
            public String endpoint() {
                return links.endpoint();
            }
        };
    }

    private final class Halting implements KvProtocol {

        private final KvProtocol kv;
        private final boolean last;

        Halting(KvProtocol kv, int resource) {
            this.kv = kv;
            this.last = resource == RESOURCES - 1;
        }

        private <T> CompletableFuture<T> call(String what, Supplier<CompletableFuture<T>> call) {
            // what the engine does in the background is not one of the transaction's steps
            if (!armed || Thread.currentThread() != thread) {
                return call.get();
            }
            calls++;
            write(what);
            halt(Moment.BEFORE);
            CompletableFuture<T> answer = call.get();
            answer.exceptionally(failure -> null).join();
            halt(Moment.AFTER);
            return answer;
        }

        private CompletableFuture<TxnResponse> lost() {
            lost = true;
            write(LOST);
            return CompletableFuture.failedFuture(
                    new EtcdException("ETCD-00000", "lost on the way", EtcdException.Effect.IN_DOUBT, "", null));
        }

        private void halt(Moment now) {
            if (cell.moment() == now && cell.number() == calls) {
                Runtime.getRuntime().halt(HALTED);
            }
        }

        @Override
        public CompletableFuture<RangeResponse> range(RangeRequest request) {
            return call("range", () -> kv.range(request));
        }

        @Override
        public CompletableFuture<PutResponse> put(PutRequest request) {
            return call("put", () -> kv.put(request));
        }

        @Override
        public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
            return call("deleteRange", () -> kv.deleteRange(request));
        }

        @Override
        public CompletableFuture<TxnResponse> txn(TxnRequest request) {
            return call("txn", () -> {
                if (!last || !armed || lost) {
                    return kv.txn(request);
                }
                // the first one of the last resource, which is its prepare
                return switch (cell.ending()) {
                    case PREPARE_ANSWER_LOST -> kv.txn(request).thenCompose(applied -> lost());
                    case PREPARE_REQUEST_LOST -> lost();
                    default -> kv.txn(request);
                };
            });
        }

        @Override
        public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
            return call("compact", () -> kv.compact(request));
        }
    }
}
