package org.etcdjakarta.core.link;

import io.grpc.netty.shaded.io.netty.buffer.AbstractByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledDirectByteBuf;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.nio.ByteBuffer;
import java.util.Queue;

/**
 * The memory of a link's sockets. Requests are written, and answers freed, on the threads of applications. netty's own pool
 * would leave a thread local there that outlives the link and, on a server's threads, keeps its class loader for good. So
 * what most messages fit into comes from one queue for all threads. Of what is larger, netty's pool is for the link's own
 * threads, without caches of threads, which are filled where memory is freed.
 */
final class LinkBuffers extends AbstractByteBufAllocator {

    private static final int PAGE = 8192;

    /** Chunks of 4 MiB, as netty's own. */
    private static final int ORDER = 9;

    private static final int SMALL = 2048;
    private static final int MOST_SMALL = 256;

    /** What is larger goes to the socket without another copy. */
    private static final int LARGEST_ON_HEAP = 64 * 1024;

    private static final int ARENAS = Math.min(4, Runtime.getRuntime().availableProcessors());

    /**
     * One for all links: a pool gives its first chunk back only when the garbage collector finds it, which does not know how
     * much memory hangs on it. A pool for each link ran out of direct memory when links were opened and closed often.
     */
    private static final ByteBufAllocator POOLED =
            new PooledByteBufAllocator(true, 0, ARENAS, PAGE, ORDER, 0, 0, false);

    private final LinkThreads threads;
    private final ByteBufAllocator unpooled = new UnpooledByteBufAllocator(true, true);
    private final Queue<Small> small = PlatformDependent.newFixedMpmcQueue(MOST_SMALL);

    LinkBuffers(LinkThreads threads) {
        super(true);
        this.threads = threads;
    }

    /** What gRPC writes messages to. */
    @Override
    public ByteBuf buffer(int initialCapacity, int maxCapacity) {
        return initialCapacity <= SMALL || initialCapacity > LARGEST_ON_HEAP || threads.isOwnThread()
                ? directBuffer(initialCapacity, maxCapacity)
                : unpooled.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return unpooled.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (initialCapacity <= SMALL) {
            Small used = small.poll();
            return used == null ? new Small() : used.again();
        }
        return (threads.isOwnThread() ? POOLED : unpooled).directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return threads.isOwnThread();
    }

    /** Taken and given back by any thread. May be larger than asked for, as a pool's may. */
    private final class Small extends UnpooledDirectByteBuf {

        private final ByteBuffer memory;

        Small() {
            this(ByteBuffer.allocateDirect(SMALL));
        }

        private Small(ByteBuffer memory) {
            super(LinkBuffers.this, memory, Integer.MAX_VALUE);
            this.memory = memory;
            // the constructor takes the memory for written
            setIndex(0, 0);
        }

        Small again() {
            resetRefCnt();
            return this;
        }

        /** As above, with one object instead of two. */
        @Override
        public ByteBuffer nioBuffer(int index, int length) {
            if (capacity() != SMALL) {
                return super.nioBuffer(index, length);
            }
            checkIndex(index, length);
            return memory.slice(index, length);
        }

        @Override
        protected void deallocate() {
            setIndex(0, 0);
            // one that had to grow is not kept
            if (capacity() != SMALL || !small.offer(this)) {
                super.deallocate();
            }
        }
    }
}
