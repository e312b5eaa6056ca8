package org.etcdjakarta.connector;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.Activation;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import java.io.Serial;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.etcdjakarta.EtcdWatchListener;
import org.jspecify.annotations.Nullable;

/**
 * What a message-driven bean that implements {@link org.etcdjakarta.EtcdWatchListener} wants to get: its activation config
 * properties. Those of the connection are found as the factories' are: here, at the adapter, in system properties, in the environment. All are text,
 * so that a wrong value is refused in our words on every server.
 *
 * <p>Keeps identity for {@code equals}, as Connectors demands: two beans may want the same.
 */
@Activation(messageListeners = EtcdWatchListener.class)
public final class EtcdActivationSpec extends EtcdProperties implements ActivationSpec {

    @Serial
    private static final long serialVersionUID = 1L;

    private final EnumMap<ActivationProperty, String> activation = new EnumMap<>(ActivationProperty.class);
    private @Nullable EtcdResourceAdapter adapter;

    /** For the server, which sets the properties afterwards. */
    public EtcdActivationSpec() {}

    private void set(ActivationProperty property, @Nullable String value) {
        if (value == null || value.isBlank()) {
            activation.remove(property);
        } else {
            activation.put(property, value);
        }
    }

    Map<ActivationProperty, String> activation() {
        return activation;
    }

    /** {@return the key that is watched, or null} */
    public @Nullable String getKey() {
        return activation.get(ActivationProperty.KEY);
    }

    /**
     * Sets key; null or the empty text for the default.
     *
     * @param key one key; either this or {@code prefix}
     */
    @ConfigProperty(description = "A key that is watched; either this or prefix")
    public void setKey(@Nullable String key) {
        set(ActivationProperty.KEY, key);
    }

    /** {@return the prefix of the keys that are watched, or null} */
    public @Nullable String getPrefix() {
        return activation.get(ActivationProperty.PREFIX);
    }

    /**
     * Sets prefix; null or the empty text for the default.
     *
     * @param prefix of the keys; either this or {@code key}
     */
    @ConfigProperty(description = "A prefix of keys that are watched; either this or key")
    public void setPrefix(@Nullable String prefix) {
        set(ActivationProperty.PREFIX, prefix);
    }

    /** {@return where delivery begins when there is no checkpoint, or null} */
    public @Nullable String getStartRevision() {
        return activation.get(ActivationProperty.START_REVISION);
    }

    /**
     * Sets startRevision; null or the empty text for the default.
     *
     * @param startRevision a revision from 1 on; {@code 0}, the default, for what comes from now on
     */
    @ConfigProperty(
            description =
                    "Where delivery begins when there is no checkpoint: a revision, or 0 for what comes from now on. Default 0")
    public void setStartRevision(@Nullable String startRevision) {
        set(ActivationProperty.START_REVISION, startRevision);
    }

    /** {@return which changes are delivered, or null} */
    public @Nullable String getEvents() {
        return activation.get(ActivationProperty.EVENTS);
    }

    /**
     * Sets events; null or the empty text for the default.
     *
     * @param events {@code put}, {@code delete}, or both separated by a comma (default)
     */
    @ConfigProperty(description = "put, delete, or both separated by a comma. Default both")
    public void setEvents(@Nullable String events) {
        set(ActivationProperty.EVENTS, events);
    }

    /** {@return whether the value before each change is delivered, or null} */
    public @Nullable String getPrevValue() {
        return activation.get(ActivationProperty.PREV_VALUE);
    }

    /**
     * Sets prevValue; null or the empty text for the default.
     *
     * @param prevValue {@code true} or {@code false} (default)
     */
    @ConfigProperty(description = "true: the value before each change is delivered too. Default false")
    public void setPrevValue(@Nullable String prevValue) {
        set(ActivationProperty.PREV_VALUE, prevValue);
    }

    /** {@return the name of the checkpoint, or null} */
    public @Nullable String getDurableName() {
        return activation.get(ActivationProperty.DURABLE_NAME);
    }

    /**
     * Sets durableName; null or the empty text for the default.
     *
     * @param durableName letters, digits, {@code .}, {@code _} and {@code -}, at most 100; unique in the cluster, but for nodes that share the work
     */
    @ConfigProperty(
            description =
                    "Name of the checkpoint: 1 to 100 letters, digits, dots, underscores and hyphens, unique in the cluster. Default none: what changes while nobody delivers is not delivered")
    public void setDurableName(@Nullable String durableName) {
        set(ActivationProperty.DURABLE_NAME, durableName);
    }

    /** {@return whether one node at a time delivers, or null} */
    public @Nullable String getSingleton() {
        return activation.get(ActivationProperty.SINGLETON);
    }

    /**
     * Sets singleton; null or the empty text for the default.
     *
     * @param singleton {@code true} or {@code false} (default); only with {@code durableName}
     */
    @ConfigProperty(description = "true: of all nodes one delivers; only with durableName. Default false")
    public void setSingleton(@Nullable String singleton) {
        set(ActivationProperty.SINGLETON, singleton);
    }

    /** {@return how many deliveries run at a time, or null} */
    public @Nullable String getConcurrency() {
        return activation.get(ActivationProperty.CONCURRENCY);
    }

    /**
     * Sets concurrency; null or the empty text for the default.
     *
     * @param concurrency 1 (default) to 256; changes of one key are delivered in order
     */
    @ConfigProperty(description = "How many deliveries run at a time, 1 to 256, those of one key in order. Default 1")
    public void setConcurrency(@Nullable String concurrency) {
        set(ActivationProperty.CONCURRENCY, concurrency);
    }

    /** {@return how often a batch is delivered again that the bean refuses, or null} */
    public @Nullable String getMaxRedeliveries() {
        return activation.get(ActivationProperty.MAX_REDELIVERIES);
    }

    /**
     * Sets maxRedeliveries; null or the empty text for the default.
     *
     * @param maxRedeliveries 0 or more, or {@code -1} for no limit; 10 with {@code deadLetterPrefix}, no limit without
     */
    @ConfigProperty(
            description =
                    "How often a batch is delivered again that the bean refuses, -1 for no limit. Default 10 with deadLetterPrefix, -1 without")
    public void setMaxRedeliveries(@Nullable String maxRedeliveries) {
        set(ActivationProperty.MAX_REDELIVERIES, maxRedeliveries);
    }

    /** {@return the pause before the first redelivery, or null} */
    public @Nullable String getRedeliveryDelay() {
        return activation.get(ActivationProperty.REDELIVERY_DELAY);
    }

    /**
     * Sets redeliveryDelay; null or the empty text for the default.
     *
     * @param redeliveryDelay such as {@code 1s} (default), up to {@code 1h}; doubled from one redelivery to the next, up to a minute
     */
    @ConfigProperty(
            description =
                    "Pause before the first redelivery, up to 1h; doubled for each one that follows, up to a minute. Default 1s")
    public void setRedeliveryDelay(@Nullable String redeliveryDelay) {
        set(ActivationProperty.REDELIVERY_DELAY, redeliveryDelay);
    }

    /** {@return the prefix of the keys where batches are parked, or null} */
    public @Nullable String getDeadLetterPrefix() {
        return activation.get(ActivationProperty.DEAD_LETTER_PREFIX);
    }

    /**
     * Sets deadLetterPrefix; null or the empty text for the default.
     *
     * @param deadLetterPrefix outside of what is watched
     */
    @ConfigProperty(
            description =
                    "Prefix of the keys where batches are parked that are not delivered any more, outside of what is watched. Default none")
    public void setDeadLetterPrefix(@Nullable String deadLetterPrefix) {
        set(ActivationProperty.DEAD_LETTER_PREFIX, deadLetterPrefix);
    }

    /**
     * Checks the properties, without a connection to etcd, and without the adapter if there is none yet.
     *
     * @throws InvalidPropertyException names each that is wrong, its value and what is allowed, and has their descriptors
     */
    @Override
    public void validate() throws InvalidPropertyException {
        new ActivationCheck(this, adapter).settings();
    }

    @Override
    void refusals(BiConsumer<String, String> refused) {
        super.refusals(refused);
        new ActivationCheck(this, adapter).refusals(refused);
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(@Nullable ResourceAdapter resourceAdapter) throws ResourceException {
        // the server may activate the endpoint once more
        if (adapter == null || !adapter.equals(resourceAdapter)) {
            adapter = EtcdResourceAdapter.associated(adapter, resourceAdapter);
        }
    }
}
