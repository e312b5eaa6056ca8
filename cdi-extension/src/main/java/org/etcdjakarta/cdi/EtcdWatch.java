package org.etcdjakarta.cdi;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;

import jakarta.enterprise.util.AnnotationLiteral;
import jakarta.enterprise.util.Nonbinding;
import jakarta.inject.Qualifier;
import java.io.Serial;
import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On the event parameter of an observer: what it watches. The parameter's type is {@code EtcdEvent<T>}, {@code EtcdBatch<T>} or
 * {@code EtcdGap}, with {@code T} one of {@code String}, {@code byte[]}, {@code Integer}, {@code Long}, {@code Double} and
 * {@code Boolean}; another type fails the deployment.
 *
 * <p>Observers of the same key or prefix share one watch. It starts when the application is up (CDI's {@code Startup}) and ends
 * with it. Events come in the order of etcd's revisions, the next one only after all observers of the one before have ended,
 * {@code @ObservesAsync} ones included; never on a thread of the client. What could not be delivered because etcd has compacted
 * it away is announced as an {@code EtcdGap}, which observers without this qualifier see too.
 */
@Qualifier
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({FIELD, METHOD, PARAMETER})
public @interface EtcdWatch {

    /**
     * A key, or a prefix when it ends in "/".
     *
     * @return not empty
     */
    String value();

    /**
     * Name of the client as in {@link Etcd}.
     *
     * @return empty for the default client
     */
    String client() default "";

    /**
     * Whether puts are delivered to this observer.
     *
     * @return true to deliver them
     */
    @Nonbinding
    boolean put() default true;

    /**
     * Whether deletions are delivered to this observer.
     *
     * @return true to deliver them
     */
    @Nonbinding
    boolean delete() default true;

    /**
     * What happens when this observer throws.
     *
     * @return the policy
     */
    @Nonbinding
    OnFailure onFailure() default OnFailure.RETRY;

    /**
     * Name of a durable cursor, from which delivery goes on after a restart. Not available yet: a name fails the deployment.
     *
     * @return empty for none
     */
    @Nonbinding
    String cursor() default "";

    /** What happens when an observer throws. The other observers get the event in every case. */
    enum OnFailure {
        /** The same event again after 100 ms, 1 s and 5 s; then the failure is logged and counted, and the next event follows. */
        RETRY,
        /** The failure is logged and counted, and the next event follows. */
        IGNORE,
        /** The failure is logged, and this observer gets nothing more until the application is deployed again. */
        STOP,
        /** Not available yet: fails the deployment. */
        DEAD_LETTER
    }

    /** For events fired by hand, in tests: {@code events.select(EtcdWatch.Literal.of("/flags/"))}. */
    final class Literal extends AnnotationLiteral<EtcdWatch> implements EtcdWatch {

        @Serial
        private static final long serialVersionUID = 1L;

        private final String value;
        private final String client;

        private Literal(String value, String client) {
            this.value = value;
            this.client = client;
        }

        /**
         * The qualifier of a watch of the default client.
         *
         * @param value a key, or a prefix when it ends in "/"
         * @return the qualifier
         */
        public static Literal of(String value) {
            return of(value, "");
        }

        /**
         * The qualifier of a watch.
         *
         * @param value a key, or a prefix when it ends in "/"
         * @param client name of the client, empty for the default one
         * @return the qualifier
         */
        public static Literal of(String value, String client) {
            return new Literal(value, client);
        }

        @Override
        public String value() {
            return value;
        }

        @Override
        public String client() {
            return client;
        }

        @Override
        public boolean put() {
            return true;
        }

        @Override
        public boolean delete() {
            return true;
        }

        @Override
        public OnFailure onFailure() {
            return OnFailure.RETRY;
        }

        @Override
        public String cursor() {
            return "";
        }
    }
}
