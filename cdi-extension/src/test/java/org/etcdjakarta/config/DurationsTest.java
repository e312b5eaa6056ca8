package org.etcdjakarta.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DurationsTest {

    @Test
    void readsWhatPeopleWrite() {
        assertThat(Durations.parse("p", "500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Durations.parse("p", " 5 S ")).isEqualTo(Duration.ofSeconds(5));
        assertThat(Durations.parse("p", "2m")).isEqualTo(Duration.ofMinutes(2));
        assertThat(Durations.parse("p", "1h")).isEqualTo(Duration.ofHours(1));
        assertThat(Durations.parse("p", "pt1.5s")).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void namesPropertyValueAndWhatIsAllowed() {
        assertThatThrownBy(() -> Durations.parse("etcd.request-timeout", "soon"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("etcd.request-timeout")
                .hasMessageContaining("'soon'")
                .hasMessageContaining("500ms");
    }

    @Test
    void zeroAndLessAreRefused() {
        assertThatThrownBy(() -> Durations.parse("p", "0s")).hasMessageContaining("above zero");
        assertThatThrownBy(() -> Durations.parse("p", "PT-1S")).hasMessageContaining("above zero");
    }
}
