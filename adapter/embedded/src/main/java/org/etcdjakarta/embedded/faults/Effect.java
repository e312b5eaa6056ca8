package org.etcdjakarta.embedded.faults;

import java.time.Duration;

/** What a fault does to a call that it strikes. */
sealed interface Effect {

    /** Whether it has anything to do with such a request. */
    default boolean concerns(Object request) {
        return true;
    }

    record Refuse(Refusal refusal) implements Effect {
        @Override
        public boolean concerns(Object request) {
            return refusal.concerns(request);
        }
    }

    record LoseAnswer(LostAnswer how) implements Effect {}

    record CutAfterAnswer() implements Effect {}

    record Delay(Duration duration) implements Effect {}
}
