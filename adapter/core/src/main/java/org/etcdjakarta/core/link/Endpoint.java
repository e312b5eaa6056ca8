package org.etcdjakarta.core.link;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One address of the cluster. The host of an IPv6 address is without brackets. Port 0 is a name whose SRV records have the
 * hosts and ports.
 */
record Endpoint(boolean tls, String host, int port) {

    static final String ALLOWED = "allowed: host:port, http://host:port, https://host:port, dns+srv://name or"
            + " dns+srvs://name, separated by commas (IPv6 addresses in brackets; etcd's usual port is 2379)";

    private static final Endpoint DEFAULT = new Endpoint(false, "127.0.0.1", 2379);
    private static final Pattern FORM =
            Pattern.compile("(?:(https?)://)?(?:\\[([0-9a-fA-F:.%]+)\\]|([^\\s:/\\[\\]@?#]+)):(\\d{1,5})/?");

    /** jetcd writes three slashes, others two or none; a DNS server's name between them is not supported. */
    private static final Pattern SERVICE =
            Pattern.compile("dns\\+srv(s?):(?:///?)?([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)\\.?");

    /** With the name of {@code --discovery-srv-name}, or without. */
    private static final Pattern TLS_SERVICE = Pattern.compile("_etcd-client-ssl(-[^.]+)?\\..+");

    /** Up to the last @: a password may hold every character. */
    private static final Pattern CREDENTIALS = Pattern.compile("(?s)^(\\w+://)?.*@");

    /** Every text may hold several endpoints. Nothing given is the default. Mixed http and https is refused. */
    static List<Endpoint> parse(List<@Nullable String> texts) {
        Set<Endpoint> endpoints = new LinkedHashSet<>();
        for (String text : texts) {
            if (text == null) {
                continue;
            }
            for (String one : text.split(",", -1)) {
                if (!one.isBlank()) {
                    endpoints.add(parseOne(one.strip(), shown(text, one)));
                }
            }
        }
        if (endpoints.isEmpty()) {
            return List.of(DEFAULT);
        }
        if (endpoints.stream().map(Endpoint::tls).distinct().count() > 1) {
            throw new IllegalArgumentException("endpoints: \"" + String.join(",", addresses(endpoints))
                    + "\" mixes http and https; allowed: all with TLS (https, dns+srvs), or all without (http, dns+srv;"
                    + " host:port alone means http)");
        }
        return List.copyOf(endpoints);
    }

    /** For errors: without the user and password that some write before the host. One with a comma in it has been split. */
    private static String shown(String text, String one) {
        return text.contains("@") ? CREDENTIALS.matcher(text.strip()).replaceFirst("$1***@") : one.strip();
    }

    private static Endpoint parseOne(String text, String shown) {
        Matcher service = SERVICE.matcher(text);
        if (service.matches()) {
            return service(!service.group(1).isEmpty(), service.group(2));
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("endpoints: \"" + shown + "\" is not an endpoint; " + ALLOWED);
        }
        int port = Integer.parseInt(form.group(4));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "endpoints: \"" + shown + "\" has no valid port (1 to 65535); " + ALLOWED);
        }
        String host = form.group(2) != null ? form.group(2) : form.group(3);
        return new Endpoint("https".equals(form.group(1)), host, port);
    }

    /**
     * A domain stands for the record that etcd's tools look up there. Whether TLS is used is settled here and not by what DNS
     * answers: etcd's tools ask for both records, and whoever can suppress an answer of DNS could have them speak plaintext.
     */
    private static Endpoint service(boolean tls, String name) {
        if (!name.startsWith("_")) {
            return new Endpoint(tls, (tls ? "_etcd-client-ssl._tcp." : "_etcd-client._tcp.") + name, 0);
        }
        return new Endpoint(
                tls || TLS_SERVICE.matcher(name.toLowerCase(Locale.ROOT)).matches(), name, 0);
    }

    /** The address in a member's client URL; null when it is none that a client elsewhere can use. */
    static @Nullable Endpoint ofMember(String clientUrl) {
        Matcher form = FORM.matcher(clientUrl);
        if (!form.matches() || form.group(1) == null) {
            return null;
        }
        Endpoint endpoint;
        try {
            endpoint = parseOne(clientUrl, clientUrl);
        } catch (IllegalArgumentException e) {
            // A member may announce what nobody can connect to (port 0); the others count.
            return null;
        }
        return endpoint.host.equals("0.0.0.0") || endpoint.host.equals("::") ? null : endpoint;
    }

    static List<String> addresses(Iterable<Endpoint> endpoints) {
        List<String> addresses = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            addresses.add(endpoint.toString());
        }
        return List.copyOf(addresses);
    }

    /** True when host is the name of SRV records. */
    boolean isService() {
        return port == 0;
    }

    /** {@code host:port}, as TLS and HTTP/2 name the server. */
    String authority() {
        return isService() ? host : (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    @Override
    public String toString() {
        String scheme = isService() ? (tls ? "dns+srvs" : "dns+srv") : tls ? "https" : "http";
        return scheme + "://" + authority();
    }
}
