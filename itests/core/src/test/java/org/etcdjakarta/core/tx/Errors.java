package org.etcdjakarta.core.tx;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The errors that a class logs, from now until it is closed. */
final class Errors extends Handler {

    private final Logger log;
    private final List<String> messages = new CopyOnWriteArrayList<>();

    private Errors(Logger log) {
        this.log = log;
    }

    static Errors of(Class<?> type) {
        Errors errors = new Errors(Logger.getLogger(type.getName()));
        errors.log.addHandler(errors);
        return errors;
    }

    List<String> messages() {
        return messages;
    }

    @Override
    public void publish(LogRecord entry) {
        if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
            messages.add(entry.getMessage());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        log.removeHandler(this);
    }
}
