package org.etcdjakarta.itests.link;

/** As {@link LinkUser}, but leaves itself behind on the thread. */
public final class LeakingUser extends LinkUser {

    private static final ThreadLocal<Object> LEFT = new ThreadLocal<>();

    @Override
    public String apply(String endpoint) {
        LEFT.set(this);
        return super.apply(endpoint);
    }
}
