package org.etcdjakarta.cdi;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.TYPE;

import jakarta.enterprise.util.AnnotationLiteral;
import jakarta.inject.Qualifier;
import java.io.Serial;
import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A client other than the default one: {@code @Inject @Etcd("orders") KV orders}. Its settings are
 * {@code etcd.clients.orders.jndi-name}, or {@code etcd.clients.orders.endpoints} and the others; without one of the two the
 * deployment fails.
 */
@Qualifier
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({FIELD, METHOD, PARAMETER, TYPE})
public @interface Etcd {

    /**
     * Name of the client, as in its settings.
     *
     * @return not empty
     */
    String value();

    /** For programmatic look-up: {@code instance.select(KV.class, Etcd.Literal.of("orders"))}. */
    final class Literal extends AnnotationLiteral<Etcd> implements Etcd {

        @Serial
        private static final long serialVersionUID = 1L;

        private final String value;

        private Literal(String value) {
            this.value = value;
        }

        /**
         * The qualifier of a named client.
         *
         * @param value name of the client
         * @return the qualifier
         */
        public static Literal of(String value) {
            return new Literal(value);
        }

        @Override
        public String value() {
            return value;
        }
    }
}
