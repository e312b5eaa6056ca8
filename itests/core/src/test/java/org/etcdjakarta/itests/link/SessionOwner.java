package org.etcdjakarta.itests.link;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.session.Session;

/**
 * A process that owns a session: prints each state, and for each line that it reads the lease that it would work under, 0 for
 * none. Ends with its input.
 */
final class SessionOwner {

    private SessionOwner() {}

    public static void main(String[] endpointAndSeconds) throws IOException {
        try (EtcdLink link = EtcdLink.open(Links.config(endpointAndSeconds[0]).build());
                Session session = link.newSession(Duration.ofSeconds(Long.parseLong(endpointAndSeconds[1])));
                BufferedReader requests =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            var unused = session.onChange(state -> System.out.println(state));
            while (requests.readLine() != null) {
                System.out.println("works under " + session.leaseId());
            }
        }
    }
}
