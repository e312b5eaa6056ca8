package org.etcdjakarta.connector;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Binds jetcd's objects to the life of a handle: they refuse calls after its end, closing them does not close the shared link,
 * and the watchers and keep-alives that they return are closed with the handle, as if by the application. What they start
 * without returning it ends with the handle's reference on the link.
 */
final class HandleScope {

    private final Runnable check;
    private final BiFunction<Method, Object, Object> results;
    private final Set<AutoCloseable> started = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /**
     * @param check throws when the handle is closed
     */
    HandleScope(Runnable check) {
        this(check, (method, result) -> result);
    }

    /**
     * @param check throws when the handle is closed
     * @param results what the application gets instead of what a call has returned
     */
    HandleScope(Runnable check, BiFunction<Method, Object, Object> results) {
        this.check = check;
        this.results = results;
    }

    /** The target is asked for at each call, because the server may move the handle to another managed connection. */
    <T> T bind(Class<T> type, Supplier<T> target) {
        return proxy(type, (method, arguments) -> {
            if (isClose(method)) {
                return null;
            }
            check.run();
            Object result = invoke(target.get(), method, arguments);
            return result instanceof AutoCloseable closeable
                            && method.getReturnType().isInterface()
                    ? track(method.getReturnType(), closeable)
                    : result == null ? null : results.apply(method, result);
        });
    }

    /** Forgets what the application closes itself, so that a long-lived handle does not collect the closed ones. */
    private Object track(Class<?> type, AutoCloseable target) {
        started.add(target);
        if (ended) {
            close(target);
            check.run();
        }
        return proxy(type, (method, arguments) -> {
            if (isClose(method)) {
                started.remove(target);
            }
            return invoke(target, method, arguments);
        });
    }

    /** Idempotent. What starts at the same moment is closed by whoever comes second. */
    void end() {
        ended = true;
        List.copyOf(started).forEach(this::close);
    }

    private void close(AutoCloseable target) {
        if (!started.remove(target)) {
            return;
        }
        try {
            target.close();
        } catch (Exception failure) {
            System.getLogger(HandleScope.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing " + target + " with its connection failed", failure);
        }
    }

    private interface Call {
        @Nullable
        Object with(Method method, Object @Nullable [] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getDeclaringClass() != Object.class) {
                        return call.with(method, arguments);
                    }
                    return switch (method.getName()) {
                        case "equals" -> self == arguments[0];
                        case "hashCode" -> System.identityHashCode(self);
                        default -> type.getSimpleName() + " of an EtcdConnection";
                    };
                }));
    }

    private static boolean isClose(Method method) {
        return method.getName().equals("close") && method.getParameterCount() == 0;
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failure) {
            throw failure.getCause();
        }
    }
}
