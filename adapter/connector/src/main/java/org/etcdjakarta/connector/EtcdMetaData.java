package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ManagedConnectionMetaData;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.etcdjakarta.core.link.EtcdLink;
import org.jspecify.annotations.Nullable;

/** What a managed connection is connected to. etcd is asked for its version once. */
final class EtcdMetaData implements ManagedConnectionMetaData {

    /**
     * WildFly asks for the version whenever it makes a managed connection and takes failure for an answer, so an etcd that is
     * away must not hold up the application here.
     */
    private static final long LIMIT_MILLIS = 100;

    private final EtcdLink link;
    private @Nullable CompletableFuture<String> version;

    EtcdMetaData(EtcdLink link) {
        this.link = link;
    }

    @Override
    public String getEISProductName() {
        return "etcd";
    }

    /**
     * @throws ResourceException when no endpoint has answered within a tenth of a second
     */
    @Override
    public String getEISProductVersion() throws ResourceException {
        String endpoints = String.join(",", link.config().endpoints());
        try {
            return version().get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException unanswered) {
            throw ConnectorMessages.noVersion(endpoints, unanswered);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw ConnectorMessages.noVersion(endpoints, interrupted);
        }
    }

    /** Over the link's own channel: a link for this question would cost more than the question. A failure is forgotten, so that a later question asks again. */
    private synchronized CompletableFuture<String> version() {
        CompletableFuture<String> known = version;
        if (known == null || known.isCompletedExceptionally()) {
            known = link.version();
            version = known;
        }
        return known;
    }

    /** etcd sets no limit of its own. */
    @Override
    public int getMaxConnections() {
        return 0;
    }

    /** Empty without authentication. */
    @Override
    public String getUserName() {
        String user = link.config().user();
        return user == null ? "" : user;
    }
}
