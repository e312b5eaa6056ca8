package org.etcdjakarta.core.range;

import static java.util.Objects.requireNonNull;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.etcdjakarta.EtcdOptions;
import org.etcdjakarta.EtcdPages;
import org.etcdjakarta.core.range.PageSource.Origin;
import org.etcdjakarta.core.range.PageSource.Page;
import org.jspecify.annotations.Nullable;

/** Pages in key order: each begins behind the last key of the one before, at the revision of the first. */
public final class KvPages implements EtcdPages {

    private static final ByteSequence NEXT = ByteSequence.from(new byte[] {0});

    private final PageSource source;
    private final ByteSequence first;
    private final Optional<ByteSequence> end;
    private final GetOption asked;
    private final AtomicReference<@Nullable Origin> origin = new AtomicReference<>();

    /** Reads nothing yet. IllegalArgumentException when the options are not for pages. */
    public KvPages(PageSource source, ByteSequence key, GetOption option) {
        this.source = source;
        this.first = requireNonNull(key, "key");
        this.asked = requireNonNull(option, "option");
        end = option.getEndKey()
                .or(() -> option.isPrefix() ? Optional.of(EtcdOptions.prefixEnd(key)) : Optional.empty());
        boolean keyOrder = option.getSortField() == SortTarget.KEY && option.getSortOrder() != SortOrder.DESCEND;
        if (!keyOrder) {
            throw new IllegalArgumentException("pages come in the order of the keys; the sort order is "
                    + option.getSortOrder() + " by " + option.getSortField() + ", allowed are NONE and ASCEND by KEY");
        }
        if (option.isCountOnly()) {
            throw new IllegalArgumentException(
                    "countOnly is true, allowed is false: a count has no pages, use get for it");
        }
    }

    @Override
    public long revision() {
        Origin known = origin.get();
        if (known != null) {
            return known.revision();
        }
        GetOption.Builder one = GetOption.builder()
                .withRevision(asked.getRevision())
                .withSerializable(asked.isSerializable())
                .withKeysOnly(true)
                .withLimit(1);
        if (first.isEmpty()) {
            // The empty key is one only as the begin of a range.
            end.ifPresent(one::withRange);
        }
        Page page = await(source.page(first, one.build(), null));
        origin.compareAndSet(null, page.origin());
        return requireNonNull(origin.get(), "origin").revision();
    }

    @Override
    public Iterator<KeyValue> iterator() {
        Cursor cursor = new Cursor();
        return new Iterator<>() {
            private Iterator<KeyValue> page = List.<KeyValue>of().iterator();
            private @Nullable CompletableFuture<Optional<List<KeyValue>>> reading;

            @Override
            public boolean hasNext() {
                while (!page.hasNext() && (reading != null || !cursor.done)) {
                    // A wait that was interrupted goes on with the page that is on its way.
                    CompletableFuture<Optional<List<KeyValue>>> next = reading == null ? cursor.ask() : reading;
                    reading = next;
                    try {
                        page = await(next).orElse(List.of()).iterator();
                        reading = null;
                    } finally {
                        if (next.isCompletedExceptionally()) {
                            reading = null;
                        }
                    }
                }
                return page.hasNext();
            }

            @Override
            public KeyValue next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("all keys of the range have been read");
                }
                return page.next();
            }
        };
    }

    @Override
    public CompletableFuture<Void> forEachPage(Consumer<? super List<KeyValue>> visitor) {
        CompletableFuture<Void> visited = new CompletableFuture<>();
        visit(new Cursor(), visitor, visited);
        return visited;
    }

    /** A loop where pages are there at once, as in a transaction: their number must not show in the depth of the stack. */
    private static void visit(
            Cursor cursor, Consumer<? super List<KeyValue>> visitor, CompletableFuture<Void> visited) {
        while (!cursor.done && !visited.isDone()) {
            CompletableFuture<List<KeyValue>> page = cursor.next();
            if (!page.isDone()) {
                var unused = page.whenComplete((keys, failure) -> {
                    if (take(page, visitor, visited)) {
                        visit(cursor, visitor, visited);
                    }
                });
                return;
            }
            if (!take(page, visitor, visited)) {
                return;
            }
        }
        visited.complete(null);
    }

    private static boolean take(
            CompletableFuture<List<KeyValue>> page,
            Consumer<? super List<KeyValue>> visitor,
            CompletableFuture<Void> visited) {
        try {
            List<KeyValue> keys = await(page);
            if (!keys.isEmpty()) {
                visitor.accept(keys);
            }
            return true;
        } catch (RuntimeException | Error e) {
            visited.completeExceptionally(e);
            return false;
        }
    }

    private static <T> T await(CompletableFuture<T> call) {
        try {
            return call.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw PageErrors.interrupted(e);
        }
    }

    /** Where one reader is. A page that fails leaves it where it was. */
    private final class Cursor {

        private final PageLimit limit = new PageLimit();
        private ByteSequence from = first;
        private long left = asked.getLimit() > 0 ? asked.getLimit() : Long.MAX_VALUE;
        private volatile boolean done;

        /** The next page, however often it has to be asked for. */
        CompletableFuture<List<KeyValue>> next() {
            return ask().thenCompose(
                            page -> page.map(CompletableFuture::completedFuture).orElseGet(this::next));
        }

        /**
         * Asks once. Empty when it has to be asked again, for less or at another revision. A reader who blocks asks again himself:
         * what is chained would need another thread, and there may be none.
         */
        CompletableFuture<Optional<List<KeyValue>>> ask() {
            return source.page(from, option(), origin.get()).handle((page, failure) -> {
                if (page != null) {
                    return accept(page);
                }
                if (limit.lower(failure)) {
                    return Optional.empty();
                }
                throw failure instanceof CompletionException wrapped ? wrapped : new CompletionException(failure);
            });
        }

        private GetOption option() {
            GetOption.Builder option = GetOption.builder()
                    .withLimit(Math.min(left, limit.keys()))
                    .withRevision(asked.getRevision())
                    .withSerializable(asked.isSerializable())
                    .withKeysOnly(asked.isKeysOnly())
                    .withMinModRevision(asked.getMinModRevision())
                    .withMaxModRevision(asked.getMaxModRevision())
                    .withMinCreateRevision(asked.getMinCreateRevision())
                    .withMaxCreateRevision(asked.getMaxCreateRevision());
            end.ifPresent(option::withRange);
            return option.build();
        }

        private Optional<List<KeyValue>> accept(Page page) {
            if (!origin.compareAndSet(null, page.origin()) && !page.origin().equals(origin.get())) {
                // another reader's first page was quicker: its revision is everybody's
                return Optional.empty();
            }
            List<KeyValue> keys = page.response().getKvs();
            limit.seen(keys.size(), page.bytes());
            left -= keys.size();
            if (!keys.isEmpty()) {
                from = keys.get(keys.size() - 1).getKey().concat(NEXT);
            }
            done = keys.isEmpty() || left == 0 || !page.response().isMore();
            return Optional.of(keys);
        }
    }
}
