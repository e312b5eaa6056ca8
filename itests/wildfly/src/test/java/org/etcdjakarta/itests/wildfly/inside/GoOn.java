package org.etcdjakarta.itests.wildfly.inside;

import java.util.List;

/** Whoever waits in its commit ({@link CommitBesides}) goes on. */
public final class GoOn implements ServerCommand {

    @Override
    public String run(List<String> arguments) {
        OtherResource.goOn();
        return "";
    }
}
