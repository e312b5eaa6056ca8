package org.etcdjakarta.connector;

import java.util.HashMap;
import java.util.Map;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.tx.TxEngine;
import org.jspecify.annotations.Nullable;

/**
 * The references on link and engine that all managed connections of one factory and one user share; given back with the last of
 * them. So a managed connection is a session and little else, and a pool may have thousands.
 */
record UserLink(LinkSettings settings, Credential credential, EtcdLink link, TxEngine engine) {

    /** Those of one factory. */
    static final class Counted {

        private record Key(LinkSettings settings, Credential credential) {}

        private static final class Use {
            private final UserLink link;
            private int users;

            Use(UserLink link) {
                this.link = link;
            }
        }

        private final Map<Key, Use> inUse = new HashMap<>();

        /** Does not wait for etcd. */
        synchronized UserLink acquire(LinkSettings settings, Credential credential) {
            Use use = inUse.computeIfAbsent(new Key(settings, credential), key -> new Use(open(settings, credential)));
            use.users++;
            return use.link;
        }

        private static UserLink open(LinkSettings settings, Credential credential) {
            String password = credential.password();
            var config = settings.link().toBuilder()
                    .user(credential.user())
                    .password(password == null ? null : password.toCharArray())
                    .build();
            EtcdLink link = EtcdLink.open(config);
            try {
                return new UserLink(settings, credential, link, TxEngine.open(config, settings.tx()));
            } catch (RuntimeException failure) {
                link.close();
                throw failure;
            }
        }

        /** {@return whether it was the last of all} */
        boolean release(UserLink given) {
            UserLink last = lastUse(given);
            if (last != null) {
                last.engine.close();
                last.link.close();
            }
            return last != null && isEmpty();
        }

        private synchronized @Nullable UserLink lastUse(UserLink given) {
            Key key = new Key(given.settings, given.credential);
            Use use = inUse.get(key);
            if (use == null || --use.users > 0) {
                return null;
            }
            inUse.remove(key);
            return use.link;
        }

        private synchronized boolean isEmpty() {
            return inUse.isEmpty();
        }
    }
}
