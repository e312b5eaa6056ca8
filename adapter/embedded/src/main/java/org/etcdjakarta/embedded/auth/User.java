package org.etcdjakarta.embedded.auth;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A user.
 *
 * @param password as it was given, for nothing is secret here; null for a user who has none and cannot authenticate
 * @param roles in the order of their names; also such as do not exist (any more)
 */
record User(String name, @Nullable String password, List<String> roles) {

    /** Of a test's log too: a password may be one that is used elsewhere. */
    @Override
    public String toString() {
        return "User[name=" + name + ", roles=" + roles + "]";
    }

    User withPassword(String next) {
        return password == null ? this : new User(name, next, roles);
    }

    User plus(String role) {
        return new User(
                name,
                password,
                Stream.concat(roles.stream(), Stream.of(role)).sorted().toList());
    }

    User minus(String role) {
        return new User(
                name,
                password,
                roles.stream().filter(other -> !other.equals(role)).toList());
    }
}
