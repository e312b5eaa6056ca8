package org.etcdjakarta.cdi;

import io.etcd.jetcd.ByteSequence;
import jakarta.enterprise.util.TypeLiteral;
import java.util.List;
import java.util.function.Function;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdEvent;
import org.etcdjakarta.config.Utf8;

/**
 * A type that values can be observed as.
 *
 * @param type the class of the values
 * @param event what is fired for one change
 * @param batch what is fired for one revision
 * @param decoder from etcd's bytes; IllegalArgumentException when they are no such value
 */
@SuppressWarnings("serial") // type literals are serializable; these are constants
record ValueType<T>(
        Class<T> type,
        TypeLiteral<EtcdEvent<T>> event,
        TypeLiteral<EtcdBatch<T>> batch,
        Function<ByteSequence, T> decoder) {

    static final List<ValueType<?>> ALL = List.of(
            new ValueType<>(
                    String.class,
                    new TypeLiteral<EtcdEvent<String>>() {},
                    new TypeLiteral<EtcdBatch<String>>() {},
                    ValueType::text),
            new ValueType<>(
                    byte[].class,
                    new TypeLiteral<EtcdEvent<byte[]>>() {},
                    new TypeLiteral<EtcdBatch<byte[]>>() {},
                    ByteSequence::getBytes),
            new ValueType<>(
                    Integer.class,
                    new TypeLiteral<EtcdEvent<Integer>>() {},
                    new TypeLiteral<EtcdBatch<Integer>>() {},
                    bytes -> Integer.valueOf(text(bytes).strip())),
            new ValueType<>(
                    Long.class,
                    new TypeLiteral<EtcdEvent<Long>>() {},
                    new TypeLiteral<EtcdBatch<Long>>() {},
                    bytes -> Long.valueOf(text(bytes).strip())),
            new ValueType<>(
                    Double.class,
                    new TypeLiteral<EtcdEvent<Double>>() {},
                    new TypeLiteral<EtcdBatch<Double>>() {},
                    bytes -> Double.valueOf(text(bytes).strip())),
            new ValueType<>(
                    Boolean.class,
                    new TypeLiteral<EtcdEvent<Boolean>>() {},
                    new TypeLiteral<EtcdBatch<Boolean>>() {},
                    bytes -> bool(text(bytes).strip())));

    String name() {
        return type.getSimpleName();
    }

    static String text(ByteSequence bytes) {
        String text = Utf8.decode(bytes);
        if (text == null) {
            throw new IllegalArgumentException("not UTF-8 text");
        }
        return text;
    }

    private static boolean bool(String text) {
        if (text.equalsIgnoreCase("true")) {
            return true;
        }
        // Boolean.valueOf takes "yes", "1" and a typing error for false
        if (text.equalsIgnoreCase("false")) {
            return false;
        }
        throw new IllegalArgumentException("neither true nor false");
    }
}
