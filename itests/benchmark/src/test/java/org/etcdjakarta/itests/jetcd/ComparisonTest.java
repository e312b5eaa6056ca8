package org.etcdjakarta.itests.jetcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final List<String> STATUS = List.of(
            "put.failed = io.grpc.StatusRuntimeException",
            "put.failed.status = NOT_FOUND",
            "put.failed.says = lease not found",
            "put.failed.code = none");

    @Test
    void everyFieldOfAnAnswerCounts() {
        assertThat(Comparison.differences(List.of("get.getCount = 1"), List.of("get.getCount = 1")))
                .isEmpty();
        assertThat(Comparison.differences(List.of("get.getCount = 1"), List.of("get.getCount = 2")))
                .containsExactly("get.getCount: jetcd 1, ours 2");
    }

    @Test
    void fieldThatOneLacksIsADifference() {
        assertThat(Comparison.differences(List.of("a = 1"), List.of())).hasSize(1);
        assertThat(Comparison.differences(List.of(), List.of("a = 1"))).hasSize(1);
    }

    @Test
    void failureOfOurFamilyThatSaysAsMuchIsTheSame() {
        assertThat(Comparison.differences(
                        STATUS,
                        List.of(
                                "put.failed = org.etcdjakarta.EtcdException",
                                "put.failed.status = NOT_FOUND",
                                "put.failed.says = lease not found",
                                "put.failed.code = NOT_FOUND")))
                .isEmpty();
    }

    @Test
    void failureThatSaysLessOrElseIsADifference() {
        assertThat(Comparison.differences(
                        STATUS,
                        List.of(
                                "put.failed = org.etcdjakarta.EtcdException",
                                "put.failed.status = UNKNOWN",
                                "put.failed.says = nothing",
                                "put.failed.code = none")))
                .hasSize(2);
        assertThat(Comparison.differences(STATUS, List.of("put.failed = java.io.IOException")))
                .hasSize(4);
    }

    @Test
    void failureInPlaceOfAnAnswerIsADifference() {
        assertThat(Comparison.differences(List.of("put.getCount = 1"), STATUS)).isNotEmpty();
        assertThat(Comparison.differences(STATUS, List.of("put.getCount = 1"))).isNotEmpty();
    }

    @Test
    void nameIsUsedOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Comparison.differences(List.of("a = 1", "a = 1"), List.of("a = 1")));
    }
}
