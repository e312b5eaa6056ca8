package org.etcdjakarta.config;

import io.etcd.jetcd.ByteSequence;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Strict decoding: bytes that are not UTF-8 are reported, never replaced by question marks. */
public final class Utf8 {

    private Utf8() {}

    /** The text, or null when the bytes are not UTF-8. */
    public static @Nullable String decode(ByteSequence bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes.getBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    public static ByteSequence encode(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
