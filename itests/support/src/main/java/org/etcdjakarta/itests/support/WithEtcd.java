package org.etcdjakarta.itests.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test class gets one real etcd of its own, as a parameter of type {@link EtcdServer} or {@link Etcdctl} of its constructor
 * or methods. It starts with the first parameter that asks for it and ends with the class.
 *
 * <p>A parameter of type {@link EtcdCluster} is a cluster of three members that all classes of a run share. It is healthy when
 * it is handed over, but holds what others have left: a class keeps to keys of its own.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(EtcdExtension.class)
public @interface WithEtcd {

    /** More flags of etcd's command. */
    String[] flags() default {};
}
