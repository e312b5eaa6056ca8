package org.etcdjakarta.core.link;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A password: a copy that is compared by its characters and never shown. Empty for none. */
final class Secret {

    static final Secret NONE = new Secret(new char[0]);

    private final char[] characters;

    private Secret(char[] characters) {
        this.characters = characters;
    }

    static Secret of(char @Nullable [] characters) {
        return characters == null || characters.length == 0 ? NONE : new Secret(characters.clone());
    }

    boolean isEmpty() {
        return characters.length == 0;
    }

    /** A copy, which the caller may overwrite. */
    char[] characters() {
        return characters.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Secret secret && Arrays.equals(characters, secret.characters);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(characters);
    }

    @Override
    public String toString() {
        return isEmpty() ? "" : "***";
    }
}
