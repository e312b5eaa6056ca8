package org.etcdjakarta.embedded.faults;

import io.grpc.MethodDescriptor;
import java.net.SocketAddress;
import java.time.Duration;
import org.etcdjakarta.embedded.store.Store;

/** What faults do to a server besides answering its calls; whoever runs the server gives it. */
public interface FaultTarget {

    /** The data of now: another one after a restart that loses it. */
    Store store();

    /** Cuts the connection from this address, if there is one: what is in process has none. */
    void cutConnection(SocketAddress peer);

    void cutAllConnections();

    /** No token that was given out counts any more. */
    void expireTokens();

    /** Runs it later, on a thread that may block. */
    void later(Duration delay, Runnable task);

    /** By its method a stream is told from a single call. */
    static boolean isStream(MethodDescriptor<?, ?> method) {
        return !method.getType().clientSendsOneMessage() || !method.getType().serverSendsOneMessage();
    }
}
