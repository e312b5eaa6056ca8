package org.etcdjakarta.core.watch;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The adapter's own records, which watches of a range around them do not show: their values are other applications' data in
 * a form of ours. Who names them by their prefix sees them.
 *
 * <p>They are left out of what etcd sends, rather than watched around: two watches for one range would tell one revision in two
 * pieces.
 */
public final class AdapterKeys {

    /** Where prepare records live, unless {@code reservedPrefix} says otherwise; physical, whatever the namespace. */
    public static final String DEFAULT_PREFIX = "/_etcd-jakarta/";

    private final List<ByteString> prefixes =
            new CopyOnWriteArrayList<>(List.of(ByteString.copyFromUtf8(DEFAULT_PREFIX)));

    /** One more physical prefix whose keys are not shown from now on; nothing new when it is known. */
    public void hide(String prefix) {
        ByteString bytes = ByteString.copyFromUtf8(prefix);
        if (!prefixes.contains(bytes)) {
            prefixes.add(bytes);
        }
    }

    /** True when a watch that begins at this key must not show that key. */
    boolean hidden(ByteString watched, ByteString key) {
        for (ByteString prefix : prefixes) {
            if (key.startsWith(prefix) && !watched.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
