package org.etcdjakarta;

import io.etcd.jetcd.KeyValue;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A range of any size, read page by page at <em>one</em> revision: a consistent view, however long it takes and whatever is
 * written meanwhile. A page has at most 10,000 keys and, after a small first one, about 1.5 MiB; memory is needed for one page.
 *
 * <p>The first page that anybody asks for fixes the revision; every iterator, stream and visit of the same object reads at it.
 * If etcd compacts that revision before the last page, the read fails as a {@code get} at it does: with an
 * {@link EtcdException} whose cause is jetcd's {@code CompactedException}. Begin anew with new pages then.
 *
 * <p>Inside a JTA transaction the pages are the transaction's reads, one as the other: its own writes are in them, and what they
 * have read is guarded, so they count towards its limits if it writes. They can't be read on after its end. With an explicit revision they read history, as {@code get} does.
 *
 * @see EtcdKv#pages
 */
public interface EtcdPages extends Iterable<KeyValue> {

    /**
     * The revision that is read. Blocks for the first page if nothing was read yet, and throws what that fails with.
     *
     * @return the revision given in the options; otherwise the store's when the first page was read
     */
    long revision();

    /**
     * The keys in their order, each page fetched when its first key is asked for. {@code hasNext} and {@code next} block for a
     * page, each within the client's request timeout, and throw the {@link EtcdException} that it failed with.
     *
     * @return a new iterator, from the first key; without {@code remove}
     */
    @Override
    Iterator<KeyValue> iterator();

    /**
     * Gives one page after the other to a visitor, without blocking. The next one is asked for after the visitor has returned.
     *
     * @param visitor gets the keys of a page in their order, on the thread that completes the call (a thread of the client, or
     *     the caller's), so it must not block; inside a JTA transaction it is called before this method returns. What it throws
     *     ends the read
     * @return completes after the last page; exceptionally with the {@link EtcdException} of a page, or what the visitor threw
     */
    CompletableFuture<Void> forEachPage(Consumer<? super List<KeyValue>> visitor);

    /**
     * The keys in their order, fetched as by {@link #iterator()}.
     *
     * @return a new sequential stream, which need not be closed
     */
    default Stream<KeyValue> stream() {
        return StreamSupport.stream(spliterator(), false);
    }

    /**
     * For streams.
     *
     * @return of unknown size, in order, without null
     */
    @Override
    default Spliterator<KeyValue> spliterator() {
        return Spliterators.spliteratorUnknownSize(
                iterator(), Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT | Spliterator.IMMUTABLE);
    }
}
