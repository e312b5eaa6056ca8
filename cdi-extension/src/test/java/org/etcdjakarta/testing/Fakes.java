package org.etcdjakarta.testing;

import java.lang.reflect.Proxy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Interfaces of which a test needs a method or two. */
public final class Fakes {

    private Fakes() {}

    /** Answers the methods of these names; every other one with null. */
    public static <T> T of(Class<T> type, Map<String, Answer> answers) {
        Object made =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Answer answer = answers.get(method.getName());
                    return answer == null ? null : answer.get();
                });
        return type.cast(made);
    }

    /** Of one method. */
    public interface Answer {
        @Nullable
        Object get();
    }
}
