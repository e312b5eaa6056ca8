package org.etcdjakarta.core.tx;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** The keys of the commit protocol, which applications neither see nor touch. */
final class ReservedKeys {

    private final String prefix;
    private final KeyRange range;

    ReservedKeys(String prefix) {
        this.prefix = prefix;
        this.range = KeyRange.prefix(ByteString.copyFromUtf8(prefix));
    }

    /** Refuses a key of the protocol. */
    void refuse(ByteString key) {
        if (range.contains(key)) {
            throw TxErrors.reserved(key, prefix);
        }
    }

    boolean touches(KeyRange asked) {
        return range.overlaps(asked);
    }

    /**
     * What is left of a range without the reserved keys: itself, one trimmed part, or the parts before and after, in this
     * order. A range that asks for nothing but reserved keys is refused: an empty answer would be a lie.
     */
    List<KeyRange> around(KeyRange asked) {
        if (!touches(asked)) {
            return List.of(asked);
        }
        if (range.contains(asked)) {
            throw TxErrors.reserved(asked.from(), prefix);
        }
        List<KeyRange> parts = new ArrayList<>(2);
        if (KeyRange.ORDER.compare(asked.from(), range.from()) < 0) {
            parts.add(asked.upTo(range.from()));
        }
        // a prefix has an end: ReservedKeys is never unbounded
        KeyRange rest = asked.startingAt(range.rangeEnd());
        if (!rest.isEmpty()) {
            parts.add(rest);
        }
        return parts;
    }
}
