package org.etcdjakarta.cdi;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.EtcdGap;
import org.jspecify.annotations.Nullable;

/** What an observer gets: single changes, whole revisions, or gaps. */
sealed interface Observed {

    record Changes(ValueType<?> type) implements Observed {}

    record Revisions(ValueType<?> type) implements Observed {}

    record Gaps() implements Observed {}

    /** Null when no watch can deliver this type. */
    static @Nullable Observed of(Type type) {
        if (type == EtcdGap.class) {
            return new Gaps();
        }
        if (type instanceof ParameterizedType parameterized && parameterized.getActualTypeArguments().length == 1) {
            for (ValueType<?> valueType : ValueType.ALL) {
                if (valueType.type() == parameterized.getActualTypeArguments()[0]) {
                    if (parameterized.getRawType() == EtcdEvent.class) {
                        return new Changes(valueType);
                    }
                    if (parameterized.getRawType() == EtcdBatch.class) {
                        return new Revisions(valueType);
                    }
                }
            }
        }
        return null;
    }
}
