package org.etcdjakarta.embedded.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etcdjakarta.embedded.service.Embedded.assertRefused;

import io.etcd.jetcd.api.Permission;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.etcdjakarta.embedded.protocol.AuthStatusResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Users, roles, tokens. */
class AuthServiceTest {

    private final Embedded embedded = new Embedded();
    private final Administrator admin = new Administrator(embedded.channel);

    @AfterEach
    void close() {
        embedded.close();
    }

    @Test
    void authenticationNeedsARootBeforeItIsEnabled() {
        assertRefused(admin::enable, Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not exist");
        admin.addUser("root", "secret");
        assertRefused(admin::enable, Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not have root role");
        admin.grantRole("root", "root");

        admin.enable();

        assertRefused(() -> embedded.put("k", "1"), Status.Code.INVALID_ARGUMENT, "etcdserver: user name is empty");
        assertThat(root().status().getEnabled()).isTrue();
    }

    @Test
    void itsRevisionCountsChangesAndDisablingButNotEnabling() {
        assertThat(admin.status().getAuthRevision()).isEqualTo(1);
        admin.addUser("root", "secret");
        admin.grantRole("root", "root");
        admin.grantRole("root", "root");
        assertThat(admin.status().getAuthRevision()).isEqualTo(3);
        admin.enable();
        assertThat(root().status().getAuthRevision()).isEqualTo(3);
        root().disable();

        AuthStatusResponse off = admin.status();
        admin.disable();

        assertThat(off.getEnabled()).isFalse();
        assertThat(off.getAuthRevision()).isEqualTo(4);
        assertThat(admin.status().getAuthRevision()).isEqualTo(4);
    }

    @Test
    void usersAreListedWithTheirRolesUntilTheyAreDeleted() {
        admin.addRole("b");
        admin.addRole("a");
        admin.addUser("u", "p");
        admin.grantRole("u", "b");
        admin.grantRole("u", "a");

        assertThat(admin.users()).containsExactly("u");
        assertThat(admin.rolesOf("u")).containsExactly("a", "b");

        admin.revokeRole("u", "a");
        assertThat(admin.rolesOf("u")).containsExactly("b");
        admin.deleteRole("b");
        assertThat(admin.rolesOf("u")).isEmpty();
        assertThat(admin.roles()).containsExactly("a");
        admin.deleteUser("u");
        assertThat(admin.users()).isEmpty();
    }

    @Test
    void aRoleHasOnePermissionForARangeInTheOrderOfTheKeys() {
        admin.addRole("r");
        admin.grant("r", Permission.Type.READ, "b", "c");
        admin.grant("r", Permission.Type.WRITE, "a", "");
        admin.grant("r", Permission.Type.READWRITE, "b", "c");

        assertThat(admin.permissions("r"))
                .containsExactly(
                        Administrator.permission(Permission.Type.WRITE, "a", ""),
                        Administrator.permission(Permission.Type.READWRITE, "b", "c"));

        admin.revoke("r", "b", "c");
        assertThat(admin.permissions("r")).hasSize(1);
    }

    @Test
    void whatIsWrongIsRefusedInEtcdsWords() {
        admin.addUser("u", "p");
        admin.addRole("r");

        refused(() -> admin.addUser("u", "p"), "user name already exists");
        refused(() -> admin.rolesOf("x"), "user name not found");
        refused(() -> admin.deleteUser("x"), "user name not found");
        refused(() -> admin.changePassword("x", "p"), "user name not found");
        refused(() -> admin.grantRole("x", "r"), "user name not found");
        refused(() -> admin.grantRole("u", "x"), "role name not found");
        refused(() -> admin.revokeRole("u", "r"), "role is not granted to the user");
        refused(() -> admin.addRole("r"), "role name already exists");
        refused(() -> admin.permissions("x"), "role name not found");
        refused(() -> admin.deleteRole("x"), "role name not found");
        refused(() -> admin.grant("x", Permission.Type.READ, "a", ""), "role name not found");
        refused(() -> admin.revoke("r", "a", ""), "permission is not granted to the role");
        refused(() -> admin.token("u", "p"), "authentication is not enabled");
        invalid(() -> admin.addUser("", "p"), "user name is empty");
        invalid(() -> admin.addRole(""), "role name is empty");
        invalid(() -> admin.grantNothing("r"), "permission not given");
        invalid(() -> admin.grant("r", Permission.Type.READ, "", ""), "invalid auth management");
        invalid(() -> admin.grant("r", Permission.Type.READ, "b", "a"), "invalid auth management");
    }

    @Test
    void onlyThePasswordOfAUserWhoHasOneMakesAToken() {
        admin.addUser("u", "p");
        admin.addUserWithoutPassword("n");
        secure();

        assertThat(admin.token("u", "p")).matches("[a-zA-Z]{16}\\.\\d+").isNotEqualTo(admin.token("u", "p"));
        invalid(() -> admin.token("u", "q"), "authentication failed, invalid user ID or password");
        invalid(() -> admin.token("x", "p"), "authentication failed, invalid user ID or password");
        root().changePassword("n", "p");
        for (String password : List.of("", "p")) {
            assertRefused(
                    () -> admin.token("n", password),
                    Status.Code.UNKNOWN,
                    "auth: authentication failed, password was given for no password user");
        }
    }

    @Test
    void theRootsOfAnEnabledAuthenticationStay() {
        admin.addRole("root");
        secure();

        invalid(() -> root().deleteUser("root"), "invalid auth management");
        invalid(() -> root().revokeRole("root", "root"), "invalid auth management");
        invalid(() -> root().deleteRole("root"), "invalid auth management");

        root().disable();
        admin.deleteUser("root");
        assertThat(admin.users()).isEmpty();
    }

    @Test
    void onlyRootAdministratesButEverybodyLooksAtHimselfAndHisRoles() {
        admin.addUser("u", "p");
        admin.addUser("v", "p");
        admin.addRole("r");
        admin.addRole("s");
        admin.grantRole("u", "r");
        secure();
        Administrator user = as("u", "p");

        assertThat(user.rolesOf("u")).containsExactly("r");
        assertThat(user.permissions("r")).isEmpty();
        for (Runnable call : List.<Runnable>of(
                () -> user.rolesOf("v"),
                () -> user.permissions("s"),
                user::users,
                user::roles,
                user::status,
                user::disable,
                () -> user.addUser("w", "p"))) {
            assertRefused(call, Status.Code.PERMISSION_DENIED, "etcdserver: permission denied");
        }
        invalid(admin::users, "user name is empty");
        assertThat(root().users()).containsExactly("root", "u", "v");
    }

    @Test
    void aTokenLivesFiveMinutesFromItsLastUse() {
        secure();
        Administrator root = root();
        embedded.clock.advance(Duration.ofSeconds(299));
        assertThat(root.users()).isNotEmpty();
        embedded.clock.advance(Duration.ofSeconds(299));
        assertThat(root.users()).isNotEmpty();

        embedded.clock.advance(Duration.ofSeconds(301));

        assertInvalid(root);
        assertThat(root().users()).isNotEmpty();
    }

    @Test
    void tokensEndWithTheirUserHisPasswordARestartAndOnDemand() {
        admin.addUser("u", "p");
        secure();
        Administrator old = as("u", "p");
        Administrator root = root();
        root.changePassword("u", "q");
        assertInvalid(old);
        assertThat(root.users()).hasSize(2);

        Administrator deleted = as("u", "q");
        root.deleteUser("u");
        assertInvalid(deleted);

        embedded.etcd.faults().expireTokens();
        assertInvalid(root);

        Administrator before = root();
        embedded.etcd.restart();
        assertInvalid(before);
        assertThat(root().users()).containsExactly("root");
    }

    @Test
    void whatNeverWasATokenIsNone() {
        secure();

        assertInvalid(new Administrator(embedded.withToken("nobody.1")));
        assertInvalid(new Administrator(embedded.withToken("x")));
    }

    @Test
    void whileItIsNotEnabledTokensAreNotLookedAt() {
        assertThat(new Administrator(embedded.withToken("nobody.1")).users()).isEmpty();
    }

    private static void assertInvalid(Administrator caller) {
        assertRefused(caller::users, Status.Code.UNAUTHENTICATED, "etcdserver: invalid auth token");
    }

    private static void refused(Runnable call, String text) {
        assertRefused(call, Status.Code.FAILED_PRECONDITION, "etcdserver: " + text);
    }

    private static void invalid(Runnable call, String text) {
        assertRefused(call, Status.Code.INVALID_ARGUMENT, "etcdserver: " + text);
    }

    private void secure() {
        admin.secure("secret");
    }

    private Administrator root() {
        return as("root", "secret");
    }

    private Administrator as(String user, String password) {
        return new Administrator(embedded.withToken(admin.token(user, password)));
    }
}
