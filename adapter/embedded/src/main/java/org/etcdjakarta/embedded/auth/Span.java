package org.etcdjakarta.embedded.auth;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of a permission or of a request, from one on, up to another, exclusive; null for no end. */
record Span(ByteString begin, @Nullable ByteString end) {

    private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();
    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    /** By etcd's rules: without end one key, with the end "\0" everything from the key on. */
    static Span of(ByteString key, ByteString end) {
        if (end.isEmpty()) {
            return new Span(key, key.concat(ZERO));
        }
        return new Span(key, end.equals(ZERO) ? null : end);
    }

    /** etcd accepts no permission of no key. */
    static boolean isValid(ByteString key, ByteString end) {
        return !key.isEmpty() && (end.isEmpty() || end.equals(ZERO) || ORDER.compare(key, end) < 0);
    }

    private boolean contains(ByteString key) {
        return ORDER.compare(begin, key) <= 0 && (end == null || ORDER.compare(key, end) < 0);
    }

    /** Several granted spans together may do what none does alone. At least the first key must be among them. */
    boolean isCoveredBy(List<Span> granted) {
        ByteString reached = begin;
        do {
            ByteString from = reached;
            List<Span> next =
                    granted.stream().filter(span -> span.contains(from)).toList();
            if (next.isEmpty()) {
                return false;
            }
            for (Span span : next) {
                if (span.end == null) {
                    return true;
                }
                reached = ORDER.compare(reached, span.end) < 0 ? span.end : reached;
            }
        } while (end == null || ORDER.compare(reached, end) < 0);
        return true;
    }
}
