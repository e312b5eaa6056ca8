package org.etcdjakarta.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class ManagementBeansTest {

    public interface CountMXBean {
        int getCount();
    }

    private static final class Count implements CountMXBean {
        @Override
        public int getCount() {
            return 7;
        }
    }

    private final MBeanServer server = MBeanServerFactory.newMBeanServer();
    private final ManagementBeans one = new ManagementBeans(server);
    private final ManagementBeans two = new ManagementBeans(server);

    private Set<String> names() throws Exception {
        return server.queryNames(new ObjectName("org.etcdjakarta:*"), null).stream()
                .map(ObjectName::getCanonicalName)
                .collect(Collectors.toSet());
    }

    @Test
    void beansAreFoundUnderTheirNameUntilTheyAreTakenBack() throws Exception {
        Runnable takeBack = one.register("Count", "http://a:1,http://b:2", new Count());
        ObjectName name = new ObjectName("org.etcdjakarta:type=Count,name=\"http://a:1,http://b:2\"");
        assertThat(server.getAttribute(name, "Count")).isEqualTo(7);
        takeBack.run();
        takeBack.run();
        assertThat(names()).isEmpty();
    }

    @Test
    void twoAdaptersMayShowTheSame() throws Exception {
        one.register("Count", "same", new Count());
        two.register("Count", "same", new Count());
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "org.etcdjakarta:name=\"same\",type=Count",
                        "org.etcdjakarta:name=\"same\",number=2,type=Count");
        one.clear();
        assertThat(names()).containsExactly("org.etcdjakarta:name=\"same\",number=2,type=Count");
        two.clear();
        assertThat(names()).isEmpty();
    }

    @Test
    void whatWasTakenBackElsewhereIsNotTakenFromItsNextOwner() throws Exception {
        Runnable takeBack = one.register("Count", "same", new Count());
        one.clear();
        two.register("Count", "same", new Count());
        takeBack.run();
        assertThat(names()).hasSize(1);
    }

    @Test
    void nothingAppearsAfterTheEnd() throws Exception {
        one.register("Count", "before", new Count());
        one.close();
        one.register("Count", "after", new Count()).run();
        assertThat(names()).isEmpty();
    }

    @Test
    void whatIsNoManagementBeanHarmsNobody() throws Exception {
        Runnable takeBack = one.register("Count", "text", "no bean");
        takeBack.run();
        assertThat(names()).isEmpty();
    }
}
