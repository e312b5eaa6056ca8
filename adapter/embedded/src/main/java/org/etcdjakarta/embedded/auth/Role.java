package org.etcdjakarta.embedded.auth;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Permission;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A role and its permissions, in the order of their keys, one for each range. */
record Role(String name, List<Permission> permissions) {

    private static final Comparator<Permission> BY_KEY =
            Comparator.comparing(Permission::getKey, ByteString.unsignedLexicographicalComparator());

    Role plus(Permission permission) {
        return new Role(
                name,
                Stream.concat(permissions.stream().filter(of(permission).negate()), Stream.of(permission))
                        .sorted(BY_KEY)
                        .toList());
    }

    Role minus(Permission range) {
        return new Role(name, permissions.stream().filter(of(range).negate()).toList());
    }

    private static Predicate<Permission> of(Permission range) {
        return other ->
                other.getKey().equals(range.getKey()) && other.getRangeEnd().equals(range.getRangeEnd());
    }
}
