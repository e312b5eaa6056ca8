package org.etcdjakarta.itests.watch;

import java.util.ArrayList;
import java.util.List;

/** One rule of what a watch may be told. Their names and what they ask for are those of etcd's robustness tests. */
interface Validator {

    /** What breaks the rule; empty when nothing does. */
    List<String> violations(WatchHistory history, WatchTruth truth);

    List<Validator> ALL = List.of(
            new Ordered(),
            new Unique(),
            new Atomic(),
            new Reliable(),
            new Resumable(),
            new Bookmarkable(),
            new PrevKv(),
            new IsCreate(),
            new Filter());

    /** Of all rules, each with the name of its own. */
    static List<String> allViolations(WatchHistory history, WatchTruth truth) {
        List<String> all = new ArrayList<>();
        for (Validator validator : ALL) {
            for (String violation : validator.violations(history, truth)) {
                all.add(validator.getClass().getSimpleName() + ": " + violation);
            }
        }
        return all;
    }
}
