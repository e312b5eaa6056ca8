package org.etcdjakarta.itests.wildfly.inside;

import java.util.List;

/** What a test has the application do, inside the server. Made anew for each call, by its constructor without arguments. */
public interface ServerCommand {

    String run(List<String> arguments) throws Exception;
}
