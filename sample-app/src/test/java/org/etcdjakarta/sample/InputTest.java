package org.etcdjakarta.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "nonsense", "[1]", "\"text\"", "{\"key\":"})
    void aBodyThatIsNoJsonObjectIsRefused(String body) {
        assertThatThrownBy(() -> Input.object(body)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aKeyMayHaveAnyLetters() {
        assertThat(Input.key("/demo/größe 1 <b>", "key")).isEqualTo("/demo/größe 1 <b>");
    }

    @Test
    void aKeyThatIsEmptyTooLongOrHasControlCharactersIsRefusedByItsName() {
        assertThatThrownBy(() -> Input.key("", "prefix")).hasMessageContaining("\"prefix\" is missing or empty");
        assertThatThrownBy(() -> Input.key("ö".repeat(257), "key")).hasMessageContaining("longer than 512 bytes");
        assertThatThrownBy(() -> Input.key("/demo/\n", "key")).hasMessageContaining("control character");
    }

    @Test
    void aTextOfAnotherTypeIsRefused() {
        JsonObject object = Input.object("{\"value\": 1}");
        assertThatThrownBy(() -> Input.text(object, "value", 10)).hasMessageContaining("not a text");
        assertThatThrownBy(() -> Input.text(object, "absent", 10)).hasMessageContaining("missing");
    }

    @Test
    void anEmptyTextIsAValue() {
        assertThat(Input.text(Input.object("{\"value\": \"\"}"), "value", 10)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "1.5", "1e30", "-18446744073709551611", "4294967297", "\"5\"", "null", "true"})
    void aNumberOutOfRangeIsRefused(String number) {
        JsonObject object = Input.object("{\"quantity\": " + number + "}");
        assertThatThrownBy(() -> Input.number(object, "quantity", 1, 10))
                .hasMessage("\"quantity\" has to be a whole number from 1 to 10.");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "10, 10"})
    void aNumberInRangeIsTaken(String number, int expected) {
        assertThat(Input.number(Input.object("{\"quantity\": " + number + "}"), "quantity", 1, 10))
                .isEqualTo(expected);
    }

    @Test
    void aFlagIsTrueFalseOrAbsent() {
        JsonObject object = Json.createObjectBuilder()
                .add("yes", true)
                .add("no", false)
                .add("odd", "true")
                .build();
        assertThat(Input.flag(object, "yes")).isTrue();
        assertThat(Input.flag(object, "no")).isFalse();
        assertThat(Input.flag(object, "absent")).isFalse();
        assertThatThrownBy(() -> Input.flag(object, "odd")).isInstanceOf(InvalidInputException.class);
    }
}
