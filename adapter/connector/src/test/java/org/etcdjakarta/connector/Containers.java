package org.etcdjakarta.connector;

import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.security.PasswordCredential;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/** What a server does with the adapter, as far as these tests need it. */
final class Containers {

    private Containers() {}

    /** Answers with a status that the test sets. */
    static BootstrapContext lending(AtomicInteger transactionStatus) {
        TransactionSynchronizationRegistry registry = fake(TransactionSynchronizationRegistry.class, method -> {
            if (method.equals("getTransactionStatus")) {
                return transactionStatus.get();
            }
            throw new UnsupportedOperationException(method);
        });
        return fake(BootstrapContext.class, method -> {
            if (method.equals("getTransactionSynchronizationRegistry")) {
                return registry;
            }
            throw new UnsupportedOperationException(method);
        });
    }

    static AtomicInteger noTransaction() {
        return new AtomicInteger(Status.STATUS_NO_TRANSACTION);
    }

    interface Answer {
        @Nullable
        Object to(String method);
    }

    static <T> T fake(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                Containers.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.to(method.getName())));
    }

    static Subject subject(@Nullable EtcdManagedConnectionFactory factory, String user, String password) {
        PasswordCredential credential = new PasswordCredential(user, password.toCharArray());
        credential.setManagedConnectionFactory(factory);
        Subject subject = new Subject();
        subject.getPrivateCredentials().add(credential);
        return subject;
    }

    /** Of a port where nobody listens. */
    static String deadEndpoint() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static EtcdManagedConnectionFactory factory() {
        EtcdManagedConnectionFactory factory = new EtcdManagedConnectionFactory();
        factory.setEndpoints(deadEndpoint());
        return factory;
    }

    static <T> T copyBySerialization(T object, Class<T> type) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return type.cast(in.readObject());
        }
    }

    /** Of a server that looks at nothing. */
    static final ConnectionEventListener DEAF = fake(ConnectionEventListener.class, method -> null);

    /** Notes the events, by the names of the specification. */
    static class Recorder implements ConnectionEventListener {

        final List<String> events = new ArrayList<>();
        final List<Object> handles = new ArrayList<>();

        private void note(String name, ConnectionEvent event) {
            events.add(name);
            handles.add(event.getConnectionHandle());
        }

        @Override
        public void connectionClosed(ConnectionEvent event) {
            note("CONNECTION_CLOSED", event);
        }

        @Override
        public void localTransactionStarted(ConnectionEvent event) {
            note("LOCAL_TRANSACTION_STARTED", event);
        }

        @Override
        public void localTransactionCommitted(ConnectionEvent event) {
            note("LOCAL_TRANSACTION_COMMITTED", event);
        }

        @Override
        public void localTransactionRolledback(ConnectionEvent event) {
            note("LOCAL_TRANSACTION_ROLLEDBACK", event);
        }

        @Override
        public void connectionErrorOccurred(ConnectionEvent event) {
            note("CONNECTION_ERROR_OCCURRED", event);
        }
    }
}
