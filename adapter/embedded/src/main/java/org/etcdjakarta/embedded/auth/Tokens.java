package org.etcdjakarta.embedded.auth;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens of one run of the server: etcd's simple ones, which live on as long as they are used. */
public final class Tokens {

    /** etcd's default of --auth-token-ttl. */
    private static final Duration TTL = Duration.ofMinutes(5);

    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int LENGTH = 16;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session> sessions = new HashMap<>();
    private final Clock clock;
    private long issued;

    public Tokens(Clock clock) {
        this.clock = clock;
    }

    public synchronized String issue(String user) {
        StringBuilder token = new StringBuilder();
        random.ints(LENGTH, 0, LETTERS.length()).mapToObj(LETTERS::charAt).forEach(token::append);
        // etcd adds the index of its log; here it is the number of the token.
        token.append('.').append(++issued);
        sessions.put(token.toString(), new Session(user, clock.instant().plus(TTL)));
        return token.toString();
    }

    /** Whose it is; null when it never was one or is over. Being asked for prolongs it. */
    public synchronized @Nullable String user(String token) {
        Session session = sessions.get(token);
        Instant now = clock.instant();
        if (session == null || now.isAfter(session.end())) {
            sessions.remove(token);
            return null;
        }
        sessions.put(token, new Session(session.user(), now.plus(TTL)));
        return session.user();
    }

    /** Ends those of one user: whose password was changed is to prove that he knows the new one. */
    public synchronized void expire(String user) {
        sessions.values().removeIf(session -> session.user().equals(user));
    }

    /** Ends all of them now. */
    public synchronized void expireAll() {
        sessions.clear();
    }

    private record Session(String user, Instant end) {}
}
