package org.etcdjakarta.itests.tx.history;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;
import org.etcdjakarta.itests.tx.TestXid;
import org.etcdjakarta.itests.tx.history.Recorded.Outcome;

/** One thread's transactions, one after the other, of every kind and on the same few keys as everybody's. */
final class Client {

    interface XaCall {
        void run() throws XAException;
    }

    private static final int KEYS = 24;
    private static final Duration GENEROUS = Duration.ofSeconds(90);

    private final TxEngine engine;
    private final String name;
    private final String prefix;
    private final Random random;
    private int number;

    /** @param name unique, without "#" */
    Client(TxEngine engine, String prefix, String name, Random random) {
        this.engine = engine;
        this.prefix = prefix;
        this.name = name;
        this.random = random;
    }

    Recorded next() {
        int kind = random.nextInt(100);
        String id = name + "." + number++;
        if (kind < 40) {
            return local(new Recorded(id, "local"));
        } else if (kind < 55) {
            return global(new Recorded(id, "one phase"), false, false);
        } else if (kind < 80) {
            return global(new Recorded(id, "two phases"), true, false);
        } else if (kind < 88) {
            return global(new Recorded(id, "rolled back"), true, true);
        } else if (kind < 94) {
            return alone(new Recorded(id, "put"), true);
        }
        return alone(new Recorded(id, "get"), false);
    }

    private Recorded local(Recorded record) {
        TxSession session = engine.newSession();
        session.begin();
        try {
            work(session.kv(), record);
        } catch (EtcdException e) {
            session.rollback();
            record.ended(Outcome.ABORTED);
            return record;
        }
        try {
            session.commit();
            record.ended(Outcome.COMMITTED);
        } catch (EtcdException e) {
            record.ended(told(e));
        }
        return record;
    }

    private Recorded global(Recorded record, boolean twoPhases, boolean rollback) {
        TxSession session = engine.newSession();
        XAResource resource = session.xaResource();
        Xid xid = new TestXid(131077, bytes(record.id), bytes("branch"));
        must(code(() -> resource.start(xid, XAResource.TMNOFLAGS)));
        boolean worked = true;
        try {
            work(session.kv(), record);
        } catch (EtcdException e) {
            worked = false;
        }
        boolean ok = worked;
        int ended = code(() -> resource.end(xid, ok ? XAResource.TMSUCCESS : XAResource.TMFAIL));
        if (!worked || ended != 0) {
            rollback(resource, xid);
            record.ended(Outcome.ABORTED);
        } else if (twoPhases) {
            record.ended(twoPhases(resource, xid, rollback));
        } else {
            int code = code(() -> resource.commit(xid, true));
            record.ended(
                    code == 0
                            ? Outcome.COMMITTED
                            : code == XAException.XAER_RMFAIL ? Outcome.UNKNOWN : Outcome.ABORTED);
        }
        return record;
    }

    private static Outcome twoPhases(XAResource resource, Xid xid, boolean rollback) {
        int[] vote = {XAResource.XA_OK};
        int code = code(() -> vote[0] = resource.prepare(xid));
        if (code == 0 && vote[0] == XAResource.XA_RDONLY) {
            return Outcome.COMMITTED;
        }
        if (code >= XAException.XA_RBBASE && code <= XAException.XA_RBEND) {
            return Outcome.ABORTED;
        }
        if (code != 0 || rollback) {
            rollback(resource, xid);
            return Outcome.ABORTED;
        }
        // a prepared branch can be committed, sooner or later
        patiently(() -> {
            int now = code(() -> resource.commit(xid, false));
            if (now != 0 && now != XAException.XA_RETRY && now != XAException.XAER_RMFAIL) {
                throw new IllegalStateException("commit of a prepared branch ended with " + now);
            }
            return now == 0;
        });
        return Outcome.COMMITTED;
    }

    private static void rollback(XAResource resource, Xid xid) {
        patiently(() -> code(() -> resource.rollback(xid)) != XAException.XAER_RMFAIL);
    }

    /** The first try at once: a prepared branch is in everybody's way. */
    private static void patiently(Callable<Boolean> completed) {
        await().pollDelay(Duration.ZERO).atMost(GENEROUS).until(completed);
    }

    private Recorded alone(Recorded record, boolean write) {
        KvProtocol kv = engine.newSession().kv();
        try {
            if (write) {
                put(kv, record, key());
            } else {
                get(kv, record, key());
            }
            record.ended(Outcome.COMMITTED);
        } catch (EtcdException e) {
            record.ended(told(e));
        }
        return record;
    }

    private static Outcome told(EtcdException failure) {
        return failure.effect() == EtcdException.Effect.IN_DOUBT ? Outcome.UNKNOWN : Outcome.ABORTED;
    }

    /** Reads first, of what etcd has. One in ten only reads; the others write a key of their own besides, which says who they are. */
    private void work(KvProtocol kv, Recorded record) {
        for (int i = random.nextInt(4); i > 0; i--) {
            if (random.nextInt(5) < 3) {
                get(kv, record, key());
            } else {
                range(kv, record);
            }
        }
        if (random.nextInt(10) == 0 && record.revision() != 0) {
            return;
        }
        put(kv, record, prefix + "client/" + name);
        for (int i = random.nextInt(4); i > 0; i--) {
            String key = record.reads.isEmpty() || random.nextBoolean()
                    ? key()
                    : record.reads.keySet().iterator().next();
            if (record.writes.containsKey(key)) {
                continue;
            }
            if (random.nextInt(5) == 0) {
                record.writes.put(key, null);
                answer(kv.deleteRange(
                        DeleteRangeRequest.newBuilder().setKey(bytes(key)).build()));
            } else {
                put(kv, record, key);
            }
        }
    }

    private String key() {
        return prefix + "key/" + (char) ('a' + random.nextInt(KEYS));
    }

    private static void get(KvProtocol kv, Recorded record, String key) {
        RangeResponse answer =
                answer(kv.range(RangeRequest.newBuilder().setKey(bytes(key)).build()));
        record.at(answer.getHeader().getRevision());
        record.reads.put(
                key,
                answer.getKvsCount() == 0 ? null : answer.getKvs(0).getValue().toStringUtf8());
    }

    private void range(KvProtocol kv, Recorded record) {
        String from = key();
        String to =
                from.substring(0, from.length() - 1) + (char) (from.charAt(from.length() - 1) + 1 + random.nextInt(6));
        RangeResponse answer = answer(kv.range(RangeRequest.newBuilder()
                .setKey(bytes(from))
                .setRangeEnd(bytes(to))
                .build()));
        record.at(answer.getHeader().getRevision());
        Map<String, String> found = new LinkedHashMap<>();
        for (KeyValue each : answer.getKvsList()) {
            found.put(each.getKey().toStringUtf8(), each.getValue().toStringUtf8());
        }
        record.ranges.add(new Recorded.Range(from, to, found));
    }

    private static void put(KvProtocol kv, Recorded record, String key) {
        String value = record.newValue();
        record.writes.put(key, value);
        answer(kv.put(PutRequest.newBuilder()
                .setKey(bytes(key))
                .setValue(bytes(value))
                .build()));
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static <T> T answer(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof EtcdException failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static void must(int code) {
        if (code != 0) {
            throw new IllegalStateException("XA call ended with " + code);
        }
    }

    private static int code(XaCall call) {
        try {
            call.run();
            return 0;
        } catch (XAException e) {
            return e.errorCode;
        }
    }
}
