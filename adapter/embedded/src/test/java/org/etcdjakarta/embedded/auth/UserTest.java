package org.etcdjakarta.embedded.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UserTest {

    @Test
    void aPasswordIsNotPrinted() {
        assertThat(new User("somebody", "secret", List.of("reader")))
                .hasToString("User[name=somebody, roles=[reader]]");
    }
}
