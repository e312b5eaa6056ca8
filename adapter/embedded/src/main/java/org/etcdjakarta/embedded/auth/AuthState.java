package org.etcdjakarta.embedded.auth;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Permission;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * All users and roles, and whether they matter. Each change is a new value with the next revision, or etcd's refusal.
 *
 * @param revision 1 in a new cluster; grows with each change, but not when authentication is enabled
 */
public record AuthState(boolean enabled, long revision, TreePMap<String, User> users, TreePMap<String, Role> roles) {

    private static final String ROOT = "root";

    public static final AuthState NEW = new AuthState(false, 1, TreePMap.empty(), TreePMap.empty());

    private AuthState with(TreePMap<String, User> next) {
        return new AuthState(enabled, revision + 1, next, roles);
    }

    private AuthState withRoles(TreePMap<String, Role> next) {
        return new AuthState(enabled, revision + 1, users, next);
    }

    public AuthState enable() {
        User root = users.get(ROOT);
        if (root == null) {
            throw AuthStatus.rootUserMissing();
        }
        if (!root.roles().contains(ROOT)) {
            throw AuthStatus.rootRoleMissing();
        }
        return new AuthState(true, revision, users, roles);
    }

    public AuthState disable() {
        return enabled ? new AuthState(false, revision + 1, users, roles) : this;
    }

    // ---- users ----

    /** A user without a password has null. */
    public AuthState addUser(String name, @Nullable String password) {
        if (name.isEmpty()) {
            throw AuthStatus.userEmpty();
        }
        if (users.containsKey(name)) {
            throw AuthStatus.userExists();
        }
        return with(users.plus(name, new User(name, password, List.of())));
    }

    public AuthState deleteUser(String name) {
        if (enabled && name.equals(ROOT)) {
            throw AuthStatus.invalidManagement();
        }
        return with(users.minus(user(name).name()));
    }

    /** Whoever has no password gets none by this. */
    public AuthState changePassword(String name, String password) {
        return change(name, user -> user.withPassword(password));
    }

    /** The role root needs no definition. A role that the user has already changes nothing. */
    public AuthState grantRole(String name, String role) {
        User user = user(name);
        if (!role.equals(ROOT) && !roles.containsKey(role)) {
            throw AuthStatus.roleNotFound();
        }
        return user.roles().contains(role) ? this : change(name, known -> known.plus(role));
    }

    public AuthState revokeRole(String name, String role) {
        if (enabled && name.equals(ROOT) && role.equals(ROOT)) {
            throw AuthStatus.invalidManagement();
        }
        if (!user(name).roles().contains(role)) {
            throw AuthStatus.roleNotGranted();
        }
        return change(name, user -> user.minus(role));
    }

    public List<String> rolesOf(String name) {
        return user(name).roles();
    }

    public Set<String> userNames() {
        return users.keySet();
    }

    private User user(String name) {
        User user = users.get(name);
        if (user == null) {
            throw AuthStatus.userNotFound();
        }
        return user;
    }

    private AuthState change(String name, UnaryOperator<User> change) {
        return with(users.plus(name, change.apply(user(name))));
    }

    // ---- roles ----

    public AuthState addRole(String name) {
        if (name.isEmpty()) {
            throw AuthStatus.roleEmpty();
        }
        if (roles.containsKey(name)) {
            throw AuthStatus.roleExists();
        }
        return withRoles(roles.plus(name, new Role(name, List.of())));
    }

    /** Takes it from all its users, too. */
    public AuthState deleteRole(String name) {
        if (enabled && name.equals(ROOT)) {
            throw AuthStatus.invalidManagement();
        }
        AuthState without = withRoles(roles.minus(role(name).name()));
        TreePMap<String, User> left = users;
        for (Map.Entry<String, User> user : users.entrySet()) {
            left = left.plus(user.getKey(), user.getValue().minus(name));
        }
        return new AuthState(enabled, without.revision(), left, without.roles());
    }

    public AuthState grant(String role, Permission permission) {
        if (!Span.isValid(permission.getKey(), permission.getRangeEnd())) {
            throw AuthStatus.invalidManagement();
        }
        return withRoles(roles.plus(role, role(role).plus(permission)));
    }

    public AuthState revoke(String role, ByteString key, ByteString end) {
        Role before = role(role);
        Role after = before.minus(
                Permission.newBuilder().setKey(key).setRangeEnd(end).build());
        if (after.equals(before)) {
            throw AuthStatus.permissionNotGranted();
        }
        return withRoles(roles.plus(role, after));
    }

    public List<Permission> permissionsOf(String role) {
        return role(role).permissions();
    }

    public Set<String> roleNames() {
        return roles.keySet();
    }

    private Role role(String name) {
        Role role = roles.get(name);
        if (role == null) {
            throw AuthStatus.roleNotFound();
        }
        return role;
    }

    // ---- questions ----

    public void checkPassword(String name, String password) {
        if (!enabled) {
            throw AuthStatus.notEnabled();
        }
        User user = users.get(name);
        if (user == null) {
            throw AuthStatus.failed();
        }
        if (user.password() == null) {
            throw AuthStatus.noPasswordUser();
        }
        if (!user.password().equals(password)) {
            throw AuthStatus.failed();
        }
    }

    public boolean hasRole(String name, String role) {
        User user = users.get(name);
        return user != null && user.roles().contains(role);
    }

    public boolean isRoot(String name) {
        return hasRole(name, ROOT);
    }

    /** A read asks for READ, a write for WRITE; a permission READWRITE answers both. */
    public boolean permits(String name, ByteString key, ByteString end, Permission.Type wanted) {
        User user = users.get(name);
        if (user == null) {
            return false;
        }
        List<Span> granted = user.roles().stream()
                .filter(roles::containsKey)
                .flatMap(role -> role(role).permissions().stream())
                .filter(permission ->
                        permission.getPermType() == wanted || permission.getPermType() == Permission.Type.READWRITE)
                .map(permission -> Span.of(permission.getKey(), permission.getRangeEnd()))
                .toList();
        return isRoot(name) || Span.of(key, end).isCoveredBy(granted);
    }
}
