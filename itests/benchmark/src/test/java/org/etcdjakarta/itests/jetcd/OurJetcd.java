package org.etcdjakarta.itests.jetcd;

import java.time.Duration;
import java.util.List;
import org.etcdjakarta.core.link.EtcdLink;
import org.etcdjakarta.core.link.EtcdLinkConfig;

/** Runs a program on a link. */
final class OurJetcd {

    private OurJetcd() {}

    static List<String> run(String program, Access access) throws Exception {
        EtcdLinkConfig.Builder config = EtcdLinkConfig.builder()
                .endpoints(access.endpoint())
                .namespace(access.namespace())
                .requestTimeout(Duration.ofSeconds(30));
        if (!access.user().isEmpty()) {
            config.user(access.user()).password(access.password().toCharArray());
        }
        try (EtcdLink link = EtcdLink.open(config.build())) {
            return Transcript.of(Programs.named(program), link.client());
        }
    }
}
