package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.api.Member;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EndpointListTest {

    private static final Endpoint CONFIGURED = new Endpoint(false, "a", 1);
    private static final Endpoint ONE = new Endpoint(false, "m", 1);
    private static final Endpoint TWO = new Endpoint(false, "m", 2);

    private final EndpointList list = new EndpointList(List.of(CONFIGURED));
    private final AtomicInteger changes = new AtomicInteger();

    @Test
    void membersTakeThePlaceOfTheConfigured() {
        list.onChange(changes::incrementAndGet);
        assertThat(list.current()).containsExactly(CONFIGURED);
        list.use(List.of(TWO, ONE));
        assertThat(list.current()).containsExactly(ONE, TWO);
        list.use(List.of(ONE, TWO));
        assertThat(changes).hasValue(1);
    }

    @Test
    void configuredComeBackWhenNoMemberCanBeReachedAndStayUntilTheMembersChange() {
        list.onChange(changes::incrementAndGet);
        list.use(List.of(ONE));
        list.allFailed();
        assertThat(list.current()).containsExactly(ONE, CONFIGURED);
        list.use(List.of(ONE));
        assertThat(list.current()).containsExactly(ONE, CONFIGURED);
        list.use(List.of(TWO));
        assertThat(list.current()).containsExactly(TWO);
        assertThat(changes).hasValue(3);
    }

    @Test
    void failureOfTheConfiguredChangesNothing() {
        list.onChange(changes::incrementAndGet);
        list.allFailed();
        assertThat(list.current()).containsExactly(CONFIGURED);
        assertThat(changes).hasValue(0);
    }

    @Test
    void learnersUnstartedMembersAndUnusableUrlsAreLeftOut() {
        List<Member> members = List.of(
                member("one", false, "http://m:1", "https://m:11", "http://m:1"),
                member("learner", true, "http://m:3"),
                member("", false, "http://m:4"),
                member("wild", false, "http://0.0.0.0:5", "http://[::]:5", "unix://m:5", "m:5"),
                member("two", false, "http://m:2"));
        assertThat(EndpointSync.usable(members, false)).containsExactly(ONE, TWO);
        assertThat(EndpointSync.usable(members, true)).containsExactly(new Endpoint(true, "m", 11));
    }

    private static Member member(String name, boolean learner, String... urls) {
        return Member.newBuilder()
                .setName(name)
                .setIsLearner(learner)
                .addAllClientURLs(List.of(urls))
                .build();
    }
}
