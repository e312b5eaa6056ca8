package org.etcdjakarta.connector;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them in configuration: ISO-8601 or a number with a unit. */
final class Durations {

    static final String ALLOWED = "a duration such as 500ms, 5s, 1m or PT5S";

    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h)");

    private Durations() {}

    /** Throws IllegalArgumentException for anything else; a bare number has no unit and is refused. */
    static Duration parse(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        Matcher matcher = SHORT.matcher(lower);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
        }
        try {
            return Duration.parse(lower);
        } catch (DateTimeParseException notIso) {
            throw new IllegalArgumentException(text, notIso);
        }
    }
}
