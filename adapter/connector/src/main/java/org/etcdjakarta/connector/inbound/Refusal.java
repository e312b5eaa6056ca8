package org.etcdjakarta.connector.inbound;

import org.jspecify.annotations.Nullable;

/**
 * Who it was that did not take a delivery: the bean, or the container before it got there. WildFly takes an instance from the bean's pool
 * only in the call of its method, so "none is free" comes out of that call as an {@code EJBException}, as anything that the bean throws may.
 * What tells them apart is that no class of the application was on the way.
 */
final class Refusal {

    private static final String CONTAINER = "jakarta.ejb.EJBException";
    private static final int DEEPEST = 20;

    private Refusal() {}

    /**
     * False in doubt: then it counts as the bean's, and is parked some day.
     *
     * @param bean null where the server does not tell it
     * @param endpoint that was called
     */
    static boolean isOfContainer(Throwable failure, @Nullable Class<?> bean, Object endpoint) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST; depth++) {
            root = root.getCause();
        }
        StackTraceElement[] frames = root.getStackTrace();
        if (bean == null || frames.length == 0 || !root.getClass().getName().equals(CONTAINER)) {
            return false;
        }
        for (StackTraceElement frame : frames) {
            String name = frame.getClassName();
            if (!isProxy(name, bean, endpoint) && isOfApplication(name, bean.getClassLoader())) {
                return false;
            }
        }
        return true;
    }

    /** Servers put those into the application's class loader, too: WildFly {@code TheBean$$$endpoint1} and {@code TheBean$$$view1}. */
    private static boolean isProxy(String name, Class<?> bean, Object endpoint) {
        return name.equals(endpoint.getClass().getName()) || name.startsWith(bean.getName() + "$$");
    }

    private static boolean isOfApplication(String name, @Nullable ClassLoader application) {
        try {
            return Class.forName(name, false, application).getClassLoader() == application;
        } catch (ClassNotFoundException | LinkageError e) {
            // of the server, which the application does not see
            return false;
        }
    }
}
