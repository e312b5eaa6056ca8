package org.etcdjakarta.connector;

import static org.etcdjakarta.connector.ActivationProperty.CONCURRENCY;
import static org.etcdjakarta.connector.ActivationProperty.DEAD_LETTER_PREFIX;
import static org.etcdjakarta.connector.ActivationProperty.DURABLE_NAME;
import static org.etcdjakarta.connector.ActivationProperty.EVENTS;
import static org.etcdjakarta.connector.ActivationProperty.KEY;
import static org.etcdjakarta.connector.ActivationProperty.MAX_REDELIVERIES;
import static org.etcdjakarta.connector.ActivationProperty.PREFIX;
import static org.etcdjakarta.connector.ActivationProperty.PREV_VALUE;
import static org.etcdjakarta.connector.ActivationProperty.REDELIVERY_DELAY;
import static org.etcdjakarta.connector.ActivationProperty.SINGLETON;
import static org.etcdjakarta.connector.ActivationProperty.START_REVISION;

import jakarta.resource.spi.InvalidPropertyException;
import java.beans.IntrospectionException;
import java.beans.PropertyDescriptor;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.etcdjakarta.connector.inbound.ActivationSettings;
import org.etcdjakarta.core.link.Durations;
import org.etcdjakarta.core.link.EtcdLinkConfig;
import org.etcdjakarta.core.tx.TxSettings;
import org.jspecify.annotations.Nullable;

/** Reads an activation specification. Looks at all properties before it refuses: whoever deploys mends them at once. */
final class ActivationCheck {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final int DEFAULT_MAX_REDELIVERIES = 10;
    private static final Duration DEFAULT_DELAY = Duration.ofSeconds(1);
    private static final Duration LONGEST_DELAY = Duration.ofHours(1);

    private final EtcdActivationSpec spec;
    private final Settings settings;
    private final Set<ActivationProperty> wrong = new LinkedHashSet<>();

    ActivationCheck(EtcdActivationSpec spec, @Nullable EtcdResourceAdapter adapter) {
        this.spec = spec;
        this.settings = new Settings(spec, adapter);
    }

    /** @throws InvalidPropertyException names each property that is wrong */
    ActivationSettings settings() throws InvalidPropertyException {
        InvalidPropertyException ofConnection = null;
        EtcdLinkConfig link = null;
        TxSettings tx = null;
        try {
            link = settings.link(settings.credential());
            tx = settings.tx();
        } catch (InvalidPropertyException e) {
            ofConnection = e;
        }
        check(link, tx);
        if (!wrong.isEmpty()) {
            throw refusal();
        }
        if (link == null || tx == null) {
            throw Objects.requireNonNull(ofConnection);
        }
        return settings(link, tx);
    }

    /** What is wrong of the activation's own properties, as Bean Validation wants it. */
    void refusals(BiConsumer<String, String> refused) {
        check(null, null);
        wrong.forEach(property -> refused.accept(property.beanName(), text(property)));
    }

    /**
     * @param link null when its properties are wrong
     * @param tx null when its properties are wrong
     */
    private void check(@Nullable EtcdLinkConfig link, @Nullable TxSettings tx) {
        String key = value(KEY);
        String prefix = value(PREFIX);
        if ((key == null) == (prefix == null)) {
            wrong.add(KEY);
            wrong.add(PREFIX);
        }
        String durableName = value(DURABLE_NAME);
        if (durableName != null && !NAME.matcher(durableName).matches()) {
            wrong.add(DURABLE_NAME);
        }
        if (flag(SINGLETON) && durableName == null) {
            wrong.add(SINGLETON);
        }
        String watched = watched();
        String deadLetters = value(DEAD_LETTER_PREFIX);
        String namespace = link == null ? "" : link.namespace();
        String reserved = tx == null ? TxSettings.DEFAULT_RESERVED_PREFIX : tx.reservedPrefix();
        if (deadLetters != null
                && (overlaps(deadLetters, watched, prefix != null) || (namespace + deadLetters).startsWith(reserved))) {
            wrong.add(DEAD_LETTER_PREFIX);
        }
        if ((namespace + watched).startsWith(reserved)) {
            wrong.add(key != null ? KEY : PREFIX);
        }
        if (maxRedeliveries() >= 0 && deadLetters == null) {
            wrong.add(MAX_REDELIVERIES);
        }
        // these note what is wrong with their own values
        events();
        flag(PREV_VALUE);
        number(START_REVISION, 0, Long.MAX_VALUE - 1, 0);
        concurrency();
        delay();
    }

    private ActivationSettings settings(EtcdLinkConfig link, TxSettings tx) {
        Set<String> events = events();
        return new ActivationSettings(
                link,
                tx,
                watched(),
                value(PREFIX) != null,
                number(START_REVISION, 0, Long.MAX_VALUE - 1, 0),
                events.contains("put"),
                events.contains("delete"),
                flag(PREV_VALUE),
                value(DURABLE_NAME),
                flag(SINGLETON),
                concurrency(),
                maxRedeliveries(),
                delay(),
                value(DEAD_LETTER_PREFIX));
    }

    private String watched() {
        String key = value(KEY);
        String prefix = value(PREFIX);
        return key != null ? key : prefix != null ? prefix : "";
    }

    private int maxRedeliveries() {
        int otherwise = value(DEAD_LETTER_PREFIX) == null ? -1 : DEFAULT_MAX_REDELIVERIES;
        return (int) number(MAX_REDELIVERIES, -1, Integer.MAX_VALUE, otherwise);
    }

    private int concurrency() {
        return (int) number(CONCURRENCY, 1, 256, 1);
    }

    private @Nullable String value(ActivationProperty property) {
        return spec.activation().get(property);
    }

    private long number(ActivationProperty property, long least, long most, long otherwise) {
        String value = value(property);
        if (value == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value.strip());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            wrong.add(property);
        }
        wrong.add(property);
        return otherwise;
    }

    private boolean flag(ActivationProperty property) {
        String value = value(property);
        boolean yes = value != null && value.strip().equalsIgnoreCase("true");
        if (value != null && !yes && !value.strip().equalsIgnoreCase("false")) {
            wrong.add(property);
        }
        return yes;
    }

    private Set<String> events() {
        String value = value(EVENTS);
        Set<String> events = new LinkedHashSet<>();
        for (String event : value == null ? new String[] {"put", "delete"} : value.split(",", -1)) {
            events.add(event.strip().toLowerCase(Locale.ROOT));
        }
        if (!Set.of("put", "delete").containsAll(events)) {
            wrong.add(EVENTS);
        }
        return events;
    }

    private Duration delay() {
        try {
            Duration delay = Durations.parse(REDELIVERY_DELAY.beanName(), value(REDELIVERY_DELAY));
            if (delay == null) {
                return DEFAULT_DELAY;
            }
            if (delay.isNegative() || delay.isZero() || delay.compareTo(LONGEST_DELAY) > 0) {
                wrong.add(REDELIVERY_DELAY);
            }
            return delay;
        } catch (IllegalArgumentException e) {
            wrong.add(REDELIVERY_DELAY);
            return DEFAULT_DELAY;
        }
    }

    /** What is parked would be delivered, and parked again. */
    private static boolean overlaps(String deadLetters, String watched, boolean prefix) {
        return watched.startsWith(deadLetters) || (prefix && deadLetters.startsWith(watched));
    }

    private InvalidPropertyException refusal() {
        List<String> texts = wrong.stream().map(this::text).toList();
        InvalidPropertyException refusal = ConnectorMessages.invalidActivation(String.join(". ", texts));
        refusal.setInvalidPropertyDescriptors(
                wrong.stream().map(ActivationCheck::descriptor).toArray(PropertyDescriptor[]::new));
        return refusal;
    }

    private String text(ActivationProperty property) {
        String value = value(property);
        return property.beanName() + ": " + (value == null ? "missing" : '"' + value + "\" is not allowed")
                + "; allowed: " + property.allowed();
    }

    private static PropertyDescriptor descriptor(ActivationProperty property) {
        try {
            return new PropertyDescriptor(property.beanName(), EtcdActivationSpec.class);
        } catch (IntrospectionException e) {
            throw new IllegalStateException(e);
        }
    }
}
