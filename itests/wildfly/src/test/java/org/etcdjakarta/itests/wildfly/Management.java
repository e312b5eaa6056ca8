package org.etcdjakarta.itests.wildfly;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import org.jboss.as.controller.client.ModelControllerClient;
import org.jboss.as.controller.client.helpers.ClientConstants;
import org.jboss.as.controller.client.helpers.Operations;
import org.jboss.dmr.ModelNode;

/** A server's management interface, as {@code jboss-cli.sh} has it, by address and operation. */
public final class Management {

    private final int port;

    Management(int port) {
        this.port = port;
    }

    int port() {
        return port;
    }

    /** A resource, one {@code type=name} after the other; a name may hold any character. None is the server itself. */
    public Resource at(String... steps) {
        ModelNode address = new ModelNode().setEmptyList();
        for (String step : steps) {
            int equals = step.indexOf('=');
            address.add(step.substring(0, equals), step.substring(equals + 1));
        }
        return new Resource(address);
    }

    /** Whether the server is in that state; false also when it does not answer. */
    boolean answers(String state) {
        try {
            return execute(Operations.createReadAttributeOperation(new ModelNode().setEmptyList(), "server-state"))
                    .get(ClientConstants.RESULT)
                    .asString()
                    .equals(state);
        } catch (IOException notYet) {
            return false;
        }
    }

    private ModelNode execute(ModelNode operation) throws IOException {
        try (ModelControllerClient client =
                ModelControllerClient.Factory.create(InetAddress.getLoopbackAddress(), port)) {
            return client.execute(operation);
        }
    }

    /** Where operations are run. */
    public final class Resource {

        private final ModelNode address;

        private Resource(ModelNode address) {
            this.address = address;
        }

        /**
         * The result of an operation; IllegalStateException when it failed.
         *
         * @param parameters name, value, name, value; a value that begins with a brace or bracket is in DMR's notation
         */
        public ModelNode run(String operation, String... parameters) {
            ModelNode request = Operations.createOperation(operation, address);
            for (int i = 0; i < parameters.length; i += 2) {
                String value = parameters[i + 1];
                request.get(parameters[i])
                        .set(
                                value.startsWith("{") || value.startsWith("[")
                                        ? ModelNode.fromString(value)
                                        : new ModelNode(value));
            }
            try {
                ModelNode answer = execute(request);
                if (!Operations.isSuccessfulOutcome(answer)) {
                    throw new IllegalStateException(operation + " at " + address.toString() + ": " + answer);
                }
                return answer.get(ClientConstants.RESULT);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public String attribute(String attribute) {
            return run("read-attribute", "name", attribute).asString();
        }

        public int number(String attribute) {
            return run("read-attribute", "name", attribute).asInt();
        }
    }
}
