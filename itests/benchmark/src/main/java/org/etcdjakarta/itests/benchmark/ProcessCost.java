package org.etcdjakarta.itests.benchmark;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this JVM has used so far.
 *
 * @param cpuNanos of the process
 * @param allocated bytes by thread id; one entry for all where the JDK counts them together
 */
record ProcessCost(long cpuNanos, Map<Long, Long> allocated) {

    private static final long ALL_THREADS = -1;
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final @Nullable Method TOTAL = total();

    static ProcessCost now() {
        return new ProcessCost(SYSTEM.getProcessCpuTime(), allocatedNow());
    }

    long cpuNanosSince(ProcessCost before) {
        return cpuNanos - before.cpuNanos;
    }

    /** Without what threads have allocated that ended meanwhile, where the JDK does not count them: callers have to be alive. */
    long allocatedSince(ProcessCost before) {
        long sum = 0;
        for (Map.Entry<Long, Long> thread : allocated.entrySet()) {
            sum += thread.getValue() - before.allocated.getOrDefault(thread.getKey(), 0L);
        }
        return sum;
    }

    private static Map<Long, Long> allocatedNow() {
        Map<Long, Long> allocated = new HashMap<>();
        if (TOTAL != null) {
            try {
                allocated.put(ALL_THREADS, (Long) TOTAL.invoke(THREADS));
                return allocated;
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            if (bytes[i] >= 0) {
                allocated.put(ids[i], bytes[i]);
            }
        }
        return allocated;
    }

    /** Since JDK 21: counts virtual threads, too, which have no allocation of their own but their carriers'. */
    private static @Nullable Method total() {
        try {
            return ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }
}
