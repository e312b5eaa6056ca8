package org.etcdjakarta.connector;

import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How this server calls itself in prepare records, so that an operator sees who left one behind. */
final class NodeName {

    private NodeName() {}

    static String current() {
        return of(System::getProperty, System::getenv);
    }

    /**
     * The server's own name first: it survives a restart, and several servers run on one host. The host's name is read from
     * the environment only, as asking the network for it can block for seconds.
     */
    static String of(UnaryOperator<@Nullable String> systemProperty, UnaryOperator<@Nullable String> environment) {
        return Stream.of("jboss.tx.node.id", "jboss.node.name", "com.sun.aas.instanceName", "wlp.server.name")
                .map(systemProperty)
                .flatMap(NodeName::given)
                .findFirst()
                .or(() -> Stream.of("HOSTNAME", "COMPUTERNAME")
                        .map(environment)
                        .flatMap(NodeName::given)
                        .findFirst())
                .orElseGet(() -> "process-" + ProcessHandle.current().pid());
    }

    private static Stream<String> given(@Nullable String value) {
        return Optional.ofNullable(value).filter(text -> !text.isBlank()).stream();
    }
}
