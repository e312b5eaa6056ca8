package org.etcdjakarta.itests.jetcd;

import static org.etcdjakarta.itests.jetcd.Text.b;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** {@link Watch}. A watch says that it is created, so that nothing is written before it sees. */
@SuppressWarnings("try") // a watcher is only there to be closed
final class WatchPrograms {

    private WatchPrograms() {}

    private static WatchOption.Builder created() {
        return WatchOption.builder().withCreateNotify(true);
    }

    static void live(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        Seen seen = new Seen();
        Watch.Watcher watcher =
                client.getWatchClient().watch(b("/w/a"), created().build(), seen.listener());
        t.next("created", seen.queue);
        kv.put(b("/w/a"), b("1")).get();
        t.next("put", seen.queue);
        kv.put(b("/w/b"), b("not watched")).get();
        kv.put(b("/w/a"), b("2")).get();
        t.next("putAgain", seen.queue);
        long lease = client.getLeaseClient().grant(600).get().getID();
        kv.put(b("/w/a"), b("3"), PutOption.builder().withLeaseId(lease).build())
                .get();
        t.next("putLeased", seen.queue);
        kv.delete(b("/w/a")).get();
        t.next("delete", seen.queue);
        t.write("closedBefore", watcher.isClosed());
        watcher.close();
        t.write("closedAfter", watcher.isClosed());
        t.next("completed", seen.queue);
    }

    @SuppressWarnings("deprecation") // withPrefix is there, so it is used
    static void options(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        Watch watch = client.getWatchClient();
        Seen prefix = new Seen();
        Seen other = new Seen();
        Seen range = new Seen();
        Seen puts = new Seen();
        Seen deletes = new Seen();
        Seen leader = new Seen();
        Seen quiet = new Seen();
        List<Watch.Watcher> open = new ArrayList<>();
        open.add(watch.watch(b("/o/"), created().isPrefix(true).withPrevKV(true).build(), prefix.listener()));
        open.add(watch.watch(b("/o/a"), created().withPrefix(b("/o/b")).build(), other.listener()));
        open.add(watch.watch(b("/o/a"), created().withRange(b("/o/c")).build(), range.listener()));
        open.add(watch.watch(
                b("/o/"), created().isPrefix(true).withNoDelete(true).build(), puts.listener()));
        open.add(watch.watch(b("/o/"), created().isPrefix(true).withNoPut(true).build(), deletes.listener()));
        open.add(watch.watch(b("/o/a"), created().withRequireLeader(true).build(), leader.listener()));
        int number = 0;
        for (Seen seen : List.of(prefix, other, range, puts, deletes, leader)) {
            t.next("created-" + number++, seen.queue);
        }
        open.add(watch.watch(
                b("/o/"),
                WatchOption.builder().isPrefix(true).withRevision(t.revision(1)).build(),
                quiet.listener()));
        kv.put(b("/o/a"), b("1")).get();
        t.next("quiet", quiet.queue);
        kv.put(b("/o/a"), b("2")).get();
        kv.put(b("/o/b"), b("1")).get();
        kv.delete(b("/o/a")).get();
        kv.delete(b("/o/"), DeleteOption.builder().isPrefix(true).build()).get();
        t.write("prefix", prefix.events(5));
        t.write("range", range.events(5));
        t.write("puts", puts.events(3));
        t.write("deletes", deletes.events(2));
        t.write("leader", leader.events(3));
        t.write("otherPrefix", other.events(2));
        watch.requestProgress();
        open.forEach(Watch.Watcher::close);

        Seen progress = new Seen();
        try (Watch.Watcher watcher =
                watch.watch(b("/o/"), created().withProgressNotify(true).build(), progress.listener())) {
            t.next("progressCreated", progress.queue);
            watcher.requestProgress();
            t.next("progress", progress.queue);
        }
    }

    static void history(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        for (int i = 0; i < 5; i++) {
            kv.put(b("/h/" + i), b("1")).get();
        }
        kv.delete(b("/h/"), DeleteOption.builder().isPrefix(true).build()).get();
        Seen seen = new Seen();
        Watch watch = client.getWatchClient();
        WatchOption fromThird =
                WatchOption.builder().isPrefix(true).withRevision(t.revision(3)).build();
        try (Watch.Watcher watcher = watch.watch(b("/h/"), fromThird, seen.listener())) {
            t.write("history", seen.events(3 + 5));
        }
        Seen future = new Seen();
        WatchOption later = created().isPrefix(true).withRevision(t.revision(8)).build();
        try (Watch.Watcher watcher = watch.watch(b("/h/"), later, future.listener())) {
            t.next("futureCreated", future.queue);
            kv.put(b("/h/too-early"), b("1")).get();
            kv.put(b("/h/in-time"), b("1")).get();
            t.write("future", future.events(1));
        }
    }

    static void compacted(Client client, Transcript t) throws Exception {
        KV kv = client.getKVClient();
        for (int i = 0; i < 5; i++) {
            kv.put(b("/z"), b("" + i)).get();
        }
        kv.compact(t.revision(4)).get();
        Seen seen = new Seen();
        WatchOption gone = WatchOption.builder().withRevision(t.revision(1)).build();
        Watch.Watcher watcher = client.getWatchClient().watch(b("/z"), gone, seen.listener());
        t.next("failure", seen.queue);
        t.next("end", seen.queue);
        t.write("closed", watcher.isClosed());
    }

    /** For a client with a namespace. */
    static void namespace(Client client, Transcript t) throws Exception {
        Seen seen = new Seen();
        WatchOption option = created().isPrefix(true).withPrevKV(true).build();
        try (Watch.Watcher watcher = client.getWatchClient().watch(b("w"), option, seen.listener())) {
            t.next("watchCreated", seen.queue);
            client.getKVClient().put(b("wa"), b("1")).get();
            client.getKVClient().put(b("wa"), b("2")).get();
            t.write("watched", seen.events(2));
        }
        Seen all = new Seen();
        try (Watch.Watcher watcher = client.getWatchClient()
                .watch(ByteSequence.EMPTY, created().isPrefix(true).build(), all.listener())) {
            t.next("watchAllCreated", all.queue);
            client.getKVClient().put(b("x"), b("1")).get();
            t.write("watchedAll", all.events(1));
        }
    }

    /** What a listener is called with. */
    private static final class Seen {

        private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();

        Watch.Listener listener() {
            return Watch.listener(queue::add, queue::add, () -> queue.add("completed"));
        }

        /** The next so many, however they are spread over responses. */
        List<WatchEvent> events(int count) throws InterruptedException {
            List<WatchEvent> events = new ArrayList<>();
            while (events.size() < count) {
                Object next = queue.poll(60, TimeUnit.SECONDS);
                if (!(next instanceof WatchResponse response)) {
                    throw new IllegalStateException("after " + events.size() + " events: " + next);
                }
                events.addAll(response.getEvents());
            }
            return events;
        }
    }
}
