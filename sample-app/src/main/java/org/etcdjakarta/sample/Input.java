package org.etcdjakarta.sample;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParsingException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Checks what callers send. It parses JSON itself, because each server's JAX-RS answers malformed JSON in its own way, most
 * without saying what is wrong.
 */
final class Input {

    static final int LONGEST_KEY = 512;
    static final int LONGEST_VALUE = 64 * 1024;

    private Input() {}

    static JsonObject object(@Nullable String body) {
        if (body == null || body.isBlank()) {
            throw new InvalidInputException("The request has no body; a JSON object is expected.");
        }
        try (JsonReader reader = Json.createReader(new StringReader(body))) {
            if (reader.readValue() instanceof JsonObject object) {
                return object;
            }
            throw new InvalidInputException("The request body is not a JSON object.");
        } catch (JsonParsingException e) {
            throw new InvalidInputException("The request body is not JSON: " + e.getMessage());
        }
    }

    /** A key or a prefix as etcd takes it, made for people: no control characters, not empty. */
    static String key(@Nullable String key, String name) {
        if (key == null || key.isEmpty()) {
            throw new InvalidInputException("\"" + name + "\" is missing or empty.");
        }
        if (key.getBytes(StandardCharsets.UTF_8).length > LONGEST_KEY) {
            throw new InvalidInputException(
                    "\"" + name + "\" is longer than " + LONGEST_KEY + " bytes, the most this page takes.");
        }
        if (key.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidInputException("\"" + name + "\" has a control character in it.");
        }
        return key;
    }

    static String key(JsonObject object, String name) {
        return key(string(object, name), name);
    }

    /** A text that may be empty. */
    static String text(JsonObject object, String name, int longest) {
        String text = string(object, name);
        if (text.getBytes(StandardCharsets.UTF_8).length > longest) {
            throw new InvalidInputException("\"" + name + "\" is longer than " + longest + " bytes.");
        }
        return text;
    }

    static int number(JsonObject object, String name, int least, int most) {
        if (object.get(name) instanceof JsonNumber number && number.isIntegral()) {
            BigDecimal value = number.bigDecimalValue(); // an int or a long would wrap round
            if (value.compareTo(BigDecimal.valueOf(least)) >= 0 && value.compareTo(BigDecimal.valueOf(most)) <= 0) {
                return value.intValue();
            }
        }
        throw new InvalidInputException(
                "\"" + name + "\" has to be a whole number from " + least + " to " + most + ".");
    }

    static boolean flag(JsonObject object, String name) {
        JsonValue value = object.get(name);
        if (value == null || JsonValue.FALSE.equals(value)) {
            return false;
        }
        if (JsonValue.TRUE.equals(value)) {
            return true;
        }
        throw new InvalidInputException("\"" + name + "\" has to be true or false.");
    }

    private static String string(JsonObject object, String name) {
        if (object.get(name) instanceof JsonString string) {
            return string.getString();
        }
        throw new InvalidInputException("\"" + name + "\" is missing or not a text.");
    }
}
