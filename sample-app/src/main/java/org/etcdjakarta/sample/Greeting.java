package org.etcdjakarta.sample;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** A value from MicroProfile Config that lives in etcd: every look at the supplier gives the present one. */
@ApplicationScoped
public class Greeting {

    @Inject
    @ConfigProperty(name = "sample.greeting", defaultValue = "Hello from the default value")
    Supplier<String> value;

    String current() {
        return value.get();
    }
}
