package org.etcdjakarta.core.watch;

import com.google.protobuf.ByteString;

/**
 * The adapter's own records, which watches of a range around them do not show: their values are other applications' data in
 * a form of ours. Who names them by their prefix sees them.
 */
public final class AdapterKeys {

    /** Where prepare records live, unless {@code reservedPrefix} says otherwise; physical, whatever the namespace. */
    public static final String DEFAULT_PREFIX = "/_etcd-jakarta/";

    private static final ByteString PREFIX = ByteString.copyFromUtf8(DEFAULT_PREFIX);

    private AdapterKeys() {}

    /** True when a watch that begins at this key must not show that key. */
    static boolean hidden(ByteString watched, ByteString key) {
        return key.startsWith(PREFIX) && !watched.startsWith(PREFIX);
    }
}
