package org.etcdjakarta.embedded.service;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.etcdjakarta.embedded.store.ClusterStatus;

/** What etcd takes as the addresses of a new member. */
final class PeerUrls {

    private PeerUrls() {}

    /** In the order in which etcd keeps them. */
    static List<String> checked(List<String> urls) {
        if (urls.isEmpty()) {
            throw ClusterStatus.badUrls();
        }
        return urls.stream().map(String::strip).map(PeerUrls::checked).sorted().toList();
    }

    private static String checked(String url) {
        try {
            URI uri = new URI(url);
            boolean valid =
                    switch (String.valueOf(uri.getScheme())) {
                        case "http", "https" ->
                            uri.getPort() >= 0 && uri.getPath().isEmpty();
                        case "unix", "unixs" -> true;
                        default -> false;
                    };
            if (valid) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Answered below, as everything that is no address.
        }
        throw ClusterStatus.badUrls();
    }
}
