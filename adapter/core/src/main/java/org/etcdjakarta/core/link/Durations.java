package org.etcdjakarta.core.link;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text form of durations in every setting of this project: ISO-8601 ({@code PT5S}) or {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}. */
public final class Durations {

    private static final Pattern SHORT = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @param property named in the error
     * @param text null or blank for "not given"
     * @return null when not given
     * @throws IllegalArgumentException names the property, the value and what is allowed
     */
    public static @Nullable Duration parse(String property, @Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        String value = text.strip();
        Matcher form = SHORT.matcher(value.toLowerCase(Locale.ROOT));
        try {
            return form.matches() ? of(Long.parseLong(form.group(1)), form.group(2)) : Duration.parse(value);
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    property + ": \"" + text + "\" is not a duration; allowed: ISO-8601 (PT5S) or 500ms, 5s, 2m, 1h",
                    e);
        }
    }

    /** The short form where there is one. */
    public static String text(Duration duration) {
        if (duration.isNegative() || duration.toNanosPart() % 1_000_000 != 0) {
            return duration.toString();
        }
        long millis = duration.toMillis();
        if (millis % 1_000 != 0) {
            return millis + "ms";
        }
        return millis % 60_000 != 0 || millis == 0 ? millis / 1_000 + "s" : millis / 60_000 + "m";
    }

    private static Duration of(long amount, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }
}
