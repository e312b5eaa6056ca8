package org.etcdjakarta.connector;

/** The properties that an activation has besides those of its connection. */
enum ActivationProperty {
    KEY("key", "a key; either this or prefix"),
    PREFIX("prefix", "a prefix of keys; either this or key"),
    START_REVISION("startRevision", "a revision, or 0 for what comes from now on"),
    EVENTS("events", "put, delete, or both separated by a comma"),
    PREV_VALUE("prevValue", "true or false"),
    DURABLE_NAME("durableName", "1 to 100 letters, digits, \".\", \"_\" and \"-\""),
    SINGLETON("singleton", "true or false; true only with durableName"),
    CONCURRENCY("concurrency", "a whole number from 1 to 256"),
    MAX_REDELIVERIES(
            "maxRedeliveries", "a whole number from -1, which means no limit; a limit only with deadLetterPrefix"),
    REDELIVERY_DELAY("redeliveryDelay", "a duration such as 500ms, 1s or PT1M, more than 0 and at most 1h"),
    DEAD_LETTER_PREFIX("deadLetterPrefix", "a prefix of keys, neither in nor around what is watched");

    private final String beanName;
    private final String allowed;

    ActivationProperty(String beanName, String allowed) {
        this.beanName = beanName;
        this.allowed = allowed;
    }

    /** Name as activation config property. */
    String beanName() {
        return beanName;
    }

    /** What a value must look like, for error messages. */
    String allowed() {
        return allowed;
    }
}
