package org.etcdjakarta.connector;

import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.security.PasswordCredential;
import java.util.Optional;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/** Who a managed connection is at etcd; without a user when the cluster runs without authentication. */
record Credential(@Nullable String user, @Nullable String password) {

    /**
     * User name that stands for "as the factory is configured". WildFly recovers transactions only of factories that have
     * recovery credentials, so the archive's {@code ironjacamar.xml} carries these.
     */
    static final String RECOVERY_USER = "etcd-jakarta-recovery";

    static final Credential NOBODY = new Credential(null, null);

    /**
     * What the caller asks for: the container's sign-on first, then the application's, as Connectors 8.2.6 orders; empty for
     * "as the factory is configured".
     */
    static Optional<Credential> requested(
            EtcdManagedConnectionFactory factory, @Nullable Subject subject, @Nullable ConnectionRequestInfo info) {
        Optional<Credential> ofContainer = subject == null ? Optional.empty() : ofSubject(factory, subject);
        if (ofContainer.isPresent()) {
            return ofContainer;
        }
        return info instanceof EtcdConnectionRequestInfo wish
                ? Optional.of(new Credential(wish.user(), wish.password()))
                : Optional.empty();
    }

    /** Payara hands over a credential with an empty user when none is configured: that is no sign-on. */
    private static Optional<Credential> ofSubject(EtcdManagedConnectionFactory factory, Subject subject) {
        return subject.getPrivateCredentials(PasswordCredential.class).stream()
                .filter(credential -> isFor(factory, credential))
                .filter(credential -> credential.getUserName() != null
                        && !credential.getUserName().isBlank())
                .filter(credential -> !RECOVERY_USER.equals(credential.getUserName()))
                .findFirst()
                .map(credential -> new Credential(credential.getUserName(), String.valueOf(credential.getPassword())));
    }

    /** A subject may carry credentials for other factories; one that names no factory is meant for whoever gets it. */
    private static boolean isFor(EtcdManagedConnectionFactory factory, PasswordCredential credential) {
        return credential.getManagedConnectionFactory() == null
                || factory.equals(credential.getManagedConnectionFactory());
    }

    @Override
    public String toString() {
        return "Credential[user=" + user + ']';
    }
}
