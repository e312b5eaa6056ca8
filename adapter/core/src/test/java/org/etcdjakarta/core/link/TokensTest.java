package org.etcdjakarta.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.etcdjakarta.core.link.Tokens.Token;
import org.junit.jupiter.api.Test;

class TokensTest {

    private static final Token TOKEN = new Token("t");

    private final Deque<Supplier<CompletableFuture<Token>>> answers = new ArrayDeque<>();
    private final Tokens tokens = new Tokens(() -> answers.remove().get());

    @Test
    void questionThatThrowsFailsThoseWhoWaitAndTheNextCallerAsksAnew() {
        List<Supplier<CompletableFuture<Token>>> failing = List.of(
                () -> {
                    throw new IllegalStateException("no");
                },
                () -> {
                    throw new StackOverflowError();
                });
        for (Supplier<CompletableFuture<Token>> one : failing) {
            answers.add(one);
            answers.add(() -> CompletableFuture.completedFuture(TOKEN));

            assertThat(tokens.get()).isCompletedExceptionally();
            assertThat(tokens.get()).isCompletedWithValue(TOKEN);
            tokens.refused(TOKEN);
        }
    }

    @Test
    void onlyTheTokenThatWasRefusedIsForgotten() {
        answers.add(() -> CompletableFuture.completedFuture(TOKEN));

        assertThat(tokens.get()).isCompletedWithValue(TOKEN);
        tokens.refused(new Token("older"));
        assertThat(tokens.get()).isCompletedWithValue(TOKEN);
    }
}
