package org.etcdjakarta.itests.suite;

import java.util.stream.Collectors;
import org.etcdjakarta.EtcdGap;

/** Notes gaps too, with the state that it gets instead of what is lost. */
public class GapNotingBean extends NotingBean {

    @Override
    public void onGap(EtcdGap gap) throws Exception {
        note(
                gap.revision(),
                gap.reason() + " from " + gap.firstLost() + ": "
                        + gap.state().stream()
                                .map(now -> Texts.text(now.getKey()) + "=" + Texts.text(now.getValue()))
                                .collect(Collectors.joining(",")));
    }
}
