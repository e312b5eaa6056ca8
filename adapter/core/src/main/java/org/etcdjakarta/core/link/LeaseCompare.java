package org.etcdjakarta.core.link;

import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.etcd.jetcd.api.Compare;
import java.util.List;

/** A compare of the key's lease: etcd has had it since 3.3, but jetcd's protocol file lacks the target and the field. */
public final class LeaseCompare {

    /** {@code LEASE} of etcd's {@code Compare.CompareTarget}. */
    public static final int TARGET = 4;

    private static final int FIELD = 8;

    private LeaseCompare() {}

    /** True when this is a compare of the lease. */
    public static boolean is(Compare compare) {
        return compare.getTargetValue() == TARGET;
    }

    /** The operand of a compare of the lease. */
    public static long lease(Compare compare) {
        List<Long> values = compare.getUnknownFields().getField(FIELD).getVarintList();
        return values.isEmpty() ? 0 : values.get(values.size() - 1);
    }

    /** Makes it a compare of the lease. */
    public static void set(Compare.Builder compare, long lease) {
        compare.setTargetValue(TARGET)
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(FIELD, Field.newBuilder().addVarint(lease).build())
                        .build());
    }
}
