package org.etcdjakarta.itests.jetcd;

import io.etcd.jetcd.ByteSequence;
import java.nio.charset.StandardCharsets;

/** Short words for the programs. */
final class Text {

    private Text() {}

    static ByteSequence b(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
