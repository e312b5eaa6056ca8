package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RedeliveryTest {

    @Test
    void pauseDoublesUpToAMinute() {
        Redelivery redelivery = new Redelivery(-1, Duration.ofSeconds(10));
        assertThat(IntStream.rangeClosed(1, 6).mapToObj(redelivery::afterFailure))
                .extracting(Duration::toSeconds)
                .containsExactly(10L, 20L, 40L, 60L, 60L, 60L);
        assertThat(new Redelivery(-1, Duration.ofHours(1)).afterFailure(5)).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void givesUpAfterTheLastRedelivery() {
        assertThat(new Redelivery(0, Duration.ofSeconds(1)).givesUp(1)).isTrue();
        assertThat(new Redelivery(2, Duration.ofSeconds(1)).givesUp(2)).isFalse();
        assertThat(new Redelivery(2, Duration.ofSeconds(1)).givesUp(3)).isTrue();
        assertThat(new Redelivery(-1, Duration.ofSeconds(1)).givesUp(Integer.MAX_VALUE))
                .isFalse();
    }

    @Test
    void waitsAreShort() {
        assertThat(Redelivery.afterWait(1)).isEqualTo(Duration.ofMillis(50));
        assertThat(Redelivery.afterWait(1000)).isEqualTo(Duration.ofSeconds(5));
    }
}
