package org.etcdjakarta.connector.inbound;

import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.auth.Permission;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Users who may not do everything. */
class AccessDeliveryTest extends WithBean {

    /** Of a user who may read below /in/. */
    private void reader() throws Exception {
        Auth auth = link.client().getAuthClient();
        auth.userAdd(bytes("root"), bytes("r")).get();
        auth.userGrantRole(bytes("root"), bytes("root")).get();
        auth.userAdd(bytes("reader"), bytes("a")).get();
        auth.roleAdd(bytes("some")).get();
        auth.roleGrantPermission(bytes("some"), bytes("/in/"), bytes("/in0"), Permission.Type.READ)
                .get();
        auth.userGrantRole(bytes("reader"), bytes("some")).get();
        auth.authEnable().get();
        spec.setUser("reader");
        spec.setPassword("a");
        spec.setStartRevision("1");
    }

    @Test
    void failuresOfABeanWhoseUserMayOnlyReadWhatIsWatchedCountToo() throws Exception {
        put("/in/a", "1");
        reader();
        bean.behaviour = batch -> {
            if (bean.calls.get() < 8) {
                throw new IllegalStateException("not yet");
            }
        };
        activate();

        await().until(() -> ActivationStatesTest.shown().getFailed() > 2);
    }

    /** And not as fast as it can be refused: each time is an ERROR in the log. */
    @Test
    void watchThatIsRefusedIsTriedAgainLessAndLessOften() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                told.add(String.valueOf(entry.getMessage()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(Activation.class.getName());
        logger.addHandler(handler);
        try {
            reader();
            spec.setPrefix("/elsewhere/");
            activate();
            await().atMost(Duration.ofSeconds(30)).until(() -> told.stream()
                    .anyMatch(text -> text.startsWith("ETCD-00339") && text.endsWith("tried again in 200ms")));
        } finally {
            logger.removeHandler(handler);
        }
    }
}
