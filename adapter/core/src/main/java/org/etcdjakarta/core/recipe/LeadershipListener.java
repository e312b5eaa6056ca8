package org.etcdjakarta.core.recipe;

/** Hears of this process's own leadership, one call at a time and in order, on the link's worker threads. */
public interface LeadershipListener {

    /**
     * This process leads.
     *
     * @param leadership from now on; it may be over again
     */
    default void onElected(Leadership leadership) {}

    /**
     * This process leads no more: resigned, or the session is lost, or the key was deleted. Comes before etcd can elect somebody else,
     * except when the key was deleted by a stranger.
     *
     * @param leadership the one that is over
     */
    default void onLost(Leadership leadership) {}
}
