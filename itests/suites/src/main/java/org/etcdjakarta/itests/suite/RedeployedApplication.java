package org.etcdjakarta.itests.suite;

import io.etcd.jetcd.KV;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.cdi.EtcdWatch;

/** One of everything that connects or watches. A class of its own: it is deployed without the suite and so cannot be nested. */
@ApplicationScoped
class RedeployedApplication {

    @Inject
    KV kv;

    @Inject
    @ConfigProperty(name = "redeploy.value", defaultValue = "none")
    Supplier<String> value;

    void started(@Observes @Initialized(ApplicationScoped.class) Object event) {
        Texts.put(kv, "/redeploy/started", value.get());
    }

    void changed(@Observes @EtcdWatch("/redeploy/") EtcdEvent<String> change) {
        Texts.get(kv, change.key());
    }
}
