package org.etcdjakarta.connector.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.List;
import org.etcdjakarta.connector.inbound.Position.Division;
import org.junit.jupiter.api.Test;

/** A checkpoint as text, and what it says has been delivered. */
class PositionTest {

    private static final Position POSITION = new Position(
            10, 2, "prefix /a%\n/", List.of(new Division(List.of(12L, 15L)), new Division(List.of(20L))), "node=1");

    @Test
    void isTextThatIsReadAgain() {
        assertThat(POSITION.encode().toStringUtf8())
                .startsWith("version=1\nrevision=10\nlanes=2\n")
                .contains("earlier=12,15;20\n");
        assertThat(Position.decode(POSITION.encode())).isEqualTo(POSITION);
    }

    @Test
    void knowsWhatEarlierLanesHadDelivered() {
        Position position = new Position(10, 1, "key a", List.of(new Division(List.of(12L, 15L))), "n");
        assertThat(position.delivered(0, 10)).isTrue();
        assertThat(position.delivered(0, 12)).isTrue();
        assertThat(position.delivered(0, 13)).isFalse();
        assertThat(position.delivered(1, 13)).isTrue();
        assertThat(position.delivered(-1, 15)).isTrue();
        assertThat(position.delivered(1, 16)).isFalse();
    }

    @Test
    void forgetsWhatSaysNothingMore() {
        assertThat(POSITION.at(15, "n").earlier()).containsExactly(new Division(List.of(20L)));
        assertThat(POSITION.at(20, "n").earlier()).isEmpty();
    }

    @Test
    void whatIsNoneIsRefused() {
        for (String text : List.of(
                "",
                "version=2\nrevision=1\nlanes=1\nrange=key a\nearlier=\nnode=n\n",
                "version=1\nrevision=x\nlanes=1\nrange=key a\nearlier=\nnode=n\n",
                "version=1\nrevision=1\nlanes=0\nrange=key a\nearlier=\nnode=n\n",
                "version=1\nlanes=1\nrange=key a\nearlier=\nnode=n\n")) {
            assertThatThrownBy(() -> Position.decode(ByteString.copyFromUtf8(text)))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
