package org.etcdjakarta.core.link;

import io.grpc.netty.shaded.io.netty.buffer.AbstractByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;

/**
 * The memory of a link's sockets. Requests are written, and answers freed, on the threads of applications. netty's own pool
 * would leave a thread local there that outlives the link and, on a server's threads, keeps its class loader for good. So
 * pooled memory is only for the link's own threads, without caches of threads, which are filled where memory is freed; a
 * request is written to the heap, in as many bytes as it has.
 */
final class LinkBuffers extends AbstractByteBufAllocator {

    private static final int PAGE = 8192;

    /** Chunks of 4 MiB, as netty's own. */
    private static final int ORDER = 9;

    /** What is larger goes to the socket without another copy. */
    private static final int LARGEST_ON_HEAP = 64 * 1024;

    private final LinkThreads threads;
    private final ByteBufAllocator pooled = new PooledByteBufAllocator(true, 0, 1, PAGE, ORDER, 0, 0, false);
    private final ByteBufAllocator unpooled = new UnpooledByteBufAllocator(true, true);

    LinkBuffers(LinkThreads threads) {
        super(true);
        this.threads = threads;
    }

    @Override
    public ByteBuf buffer(int initialCapacity, int maxCapacity) {
        return threads.isOwnThread() || initialCapacity > LARGEST_ON_HEAP
                ? directBuffer(initialCapacity, maxCapacity)
                : unpooled.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return unpooled.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return (threads.isOwnThread() ? pooled : unpooled).directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return threads.isOwnThread();
    }
}
