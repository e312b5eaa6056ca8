package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "PT5S,5000",
        "500ms,500",
        "5s,5000",
        " 2m ,120000",
        "1h,3600000",
        "2D,172800000",
        "pt0.5s,500",
        "3 s,3000"
    })
    void readsIsoAndShortForms(String text, long millis) {
        assertThat(Durations.parse("timeout", text)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void nothingGivenIsNull() {
        assertThat(Durations.parse("timeout", null)).isNull();
        assertThat(Durations.parse("timeout", "  ")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "s", "5 seconds", "five", "-5s", "P"})
    void errorNamesPropertyValueAndWhatIsAllowed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse("etcd.request-timeout", text))
                .withMessageContainingAll("etcd.request-timeout", "\"" + text + "\"", "PT5S", "500ms");
    }

    @ParameterizedTest
    @CsvSource({"5000,5s", "500,500ms", "120000,2m", "90000,90s", "0,0s"})
    void textIsTheShortForm(long millis, String text) {
        assertThat(Durations.text(Duration.ofMillis(millis))).isEqualTo(text);
    }
}
