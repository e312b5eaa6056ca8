package org.etcdjakarta.core.tx;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.etcdjakarta.core.link.KvProtocol;

/** The engine for the simulation, which is in a package of its own. */
public final class Engines {

    public static final String RESERVED = "/_etcd-jakarta/";

    /** Nobody is told "in doubt" before. */
    public static final Duration SETTLING_TIME = Duration.ofSeconds(30);

    private Engines() {}

    /** A process's time and chance. */
    public interface Surroundings {

        long nanos();

        RandomGenerator random();

        void pause(Duration time);

        void later(Duration pause, Runnable task);

        String newId();
    }

    /** A process's own: shares nothing with other engines but what is behind the KV. */
    public static TxEngine over(KvProtocol kv, String node, Surroundings surroundings) {
        Pace pace = new Pace() {
            @Override
            public long nanos() {
                return surroundings.nanos();
            }

            @Override
            public long millis() {
                return surroundings.nanos() / 1_000_000;
            }

            @Override
            public RandomGenerator random() {
                return surroundings.random();
            }

            @Override
            public String newId() {
                return surroundings.newId();
            }

            @Override
            public boolean pause(Duration time) {
                surroundings.pause(time);
                return true;
            }
        };
        Links links = new Links() {
            @Override
            public Borrowed borrow() {
                return new Borrowed(kv, surroundings::later, () -> {});
            }

            @Override
            public String endpoint() {
                return "simulated";
            }

            @Override
            public Pace pace() {
                return pace;
            }
        };
        return TxEngine.over(links, new TxSettings(RESERVED, TxSettings.DEFAULT_MAX_TXN_OPS, node));
    }
}
