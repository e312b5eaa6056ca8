package org.etcdjakarta.core.range;

import java.util.concurrent.CompletionException;
import org.etcdjakarta.EtcdException;
import org.jspecify.annotations.Nullable;

/**
 * How many keys the next page is asked for. etcd counts the rest of the range for every page, so small pages cost it quadratic
 * work; large ones cost memory, and may not pass. Nobody knows the size of the values before they are read: the first page is
 * small, then the limit follows the average seen, growing tenfold at most, since what comes next may be larger.
 */
public final class PageLimit {

    static final int FIRST = 100;
    static final int MOST = 10_000;
    static final long BYTES = 3 << 19;

    private int keys = FIRST;
    private int most = MOST;

    public int keys() {
        return keys;
    }

    /** Takes in the size of the page that was read. */
    public void seen(int count, long bytes) {
        if (count > 0) {
            long average = Math.max(1, bytes / count);
            long fits = Math.max(1, BYTES / average);
            keys = (int) Math.min(Math.min(most, fits), keys * 10L);
        }
    }

    /** True when the page was too large to pass, and a smaller one may be asked for; the limit is halved then, for good. */
    public boolean lower(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (keys == 1 || !tooLarge(cause)) {
            return false;
        }
        keys /= 2;
        most = keys;
        return true;
    }

    /** RESOURCE_EXHAUSTED says too little: etcd also says it when it has too much to do. */
    private static boolean tooLarge(@Nullable Throwable failure) {
        String message = failure instanceof EtcdException ? String.valueOf(failure.getMessage()) : "";
        return message.contains("exceeds maximum size") || message.contains("larger than max");
    }
}
