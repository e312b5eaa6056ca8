package org.etcdjakarta.cdi;

import jakarta.enterprise.concurrent.ContextService;
import java.util.concurrent.Executor;

/** Apart from {@link Delivery}, because plain Java SE has no such class. */
final class CapturedContext {

    private CapturedContext() {}

    /** Runs tasks on the calling thread in the context of the thread that is here now. */
    static Executor of(Object contextService) {
        Executor here = Runnable::run;
        return contextService instanceof ContextService service
                ? service.createContextualProxy(here, Executor.class)
                : here;
    }
}
