package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AliveTest {

    private static final Alive ALIVE = new Alive("node-ü", "4711", "web-1", 1_700_000_000_123L);

    @Test
    void whatIsWrittenIsReadAgain() {
        assertThat(Alive.decode(ALIVE.encode())).isEqualTo(ALIVE);
        Alive nameless = new Alive("", "1", "", 0);
        assertThat(Alive.decode(nameless.encode())).isEqualTo(nameless);
    }

    @Test
    void isReadableByPeople() {
        assertThat(ALIVE.encode().toStringUtf8()).isEqualTo("1\nnode-ü\n4711\nweb-1\n2023-11-14T22:13:20.123Z");
        assertThat(ALIVE).hasToString("process 4711 on web-1, started 2023-11-14T22:13:20.123Z");
    }

    @Test
    void lineBreaksInNamesDoNotMoveTheOthers() {
        Alive broken = new Alive("a\r\nb\n", "1", "c\nd", 5);
        assertThat(Alive.decode(broken.encode())).isEqualTo(new Alive("a b ", "1", "c d", 5));
    }

    @Test
    void linesThatALaterVersionAddsAreNotMinded() {
        String later = ALIVE.encode().toStringUtf8().replaceFirst("1", "2") + "\nmore\nand more";
        assertThat(Alive.decode(ByteString.copyFromUtf8(later))).isEqualTo(ALIVE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1\na\nb\nc", "1\na\nb\nc\nyesterday", "1\na\nb\nc\n+1000000000-01-01T00:00:00Z"})
    void whatCannotBeReadIsALinkAllTheSame(String value) {
        assertThat(Alive.decode(ByteString.copyFromUtf8(value))).isEqualTo(Alive.UNREADABLE);
        assertThat(Alive.decode(ByteString.copyFrom(new byte[] {(byte) 0xff, 0})))
                .isEqualTo(Alive.UNREADABLE);
    }

    @Test
    void linksOfOneProcessAreOfOneProcess() {
        Alive here = Alive.here("a");
        assertThat(here.isSameProcessAs(Alive.here("b"))).isTrue();
        assertThat(here.process())
                .isEqualTo(String.valueOf(ProcessHandle.current().pid()));
        assertThat(Instant.ofEpochMilli(here.startedMillis())).isBefore(Instant.now());
    }

    @Test
    void clonesOfOneContainerAreNot() {
        assertThat(ALIVE.isSameProcessAs(new Alive("node-ü", "4711", "web-1", 1_700_000_000_133L)))
                .isFalse();
        assertThat(ALIVE.isSameProcessAs(new Alive("node-ü", "4711", "web-2", 1_700_000_000_123L)))
                .isFalse();
        assertThat(ALIVE.isSameProcessAs(new Alive("node-ü", "4712", "web-1", 1_700_000_000_123L)))
                .isFalse();
    }
}
