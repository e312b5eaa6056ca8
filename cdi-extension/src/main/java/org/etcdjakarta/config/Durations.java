package org.etcdjakarta.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}, or ISO-8601 {@code PT5S}. */
final class Durations {

    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h)");

    private Durations() {}

    /** The duration; IllegalArgumentException names the property, the text and what is allowed. */
    static Duration parse(String property, String text) {
        String value = text.strip().toLowerCase(Locale.ROOT);
        Matcher matcher = SHORT.matcher(value);
        Duration duration;
        try {
            duration = matcher.matches()
                    ? ofUnit(Long.parseLong(matcher.group(1)), matcher.group(2))
                    : Duration.parse(value.toUpperCase(Locale.ROOT));
        } catch (DateTimeParseException e) {
            throw ConfigMessages.badSetting(property, text, "a duration such as 500ms, 5s, 2m or PT5S", e);
        }
        if (duration.isZero() || duration.isNegative()) {
            throw ConfigMessages.badSetting(property, text, "a duration above zero", null);
        }
        return duration;
    }

    private static Duration ofUnit(long amount, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
