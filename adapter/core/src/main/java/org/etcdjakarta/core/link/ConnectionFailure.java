package org.etcdjakarta.core.link;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why there is no connection, out of what gRPC tells of a call that waited for one in vain. */
final class ConnectionFailure {

    private static final Pattern LAST_PICK = Pattern.compile(
            "(?s)Last Pick Failure=Status\\{code=\\w+, description=(.*?), cause=(?:([\\w.$]+): )?([^\\n}]*)");

    private ConnectionFailure() {}

    /** Begins with a comma; empty when there was a connection. */
    static String in(String detail, boolean tls) {
        Matcher pick = LAST_PICK.matcher(detail);
        if (!pick.find()) {
            return "";
        }
        String description = pick.group(1).lines().findFirst().orElse("");
        String cause = pick.group(3);
        return ", no connection: "
                + reason(description, String.valueOf(pick.group(2)), "null".equals(cause) ? description : cause, tls);
    }

    private static String reason(String description, String type, String text, boolean tls) {
        String all = (description + " " + type + " " + text).toLowerCase(Locale.ROOT);
        if (tls) {
            if (all.contains("notsslrecord")) {
                return "TLS handshake failed: the server answers in plaintext (" + text + ")";
            }
            return all.contains("ssl") || all.contains("certificate") ? "TLS handshake failed: " + text : text;
        }
        // What a server that waits for a handshake answers to plaintext: a record of TLS, or its end.
        return all.contains("not settings") || all.contains("network closed") || all.contains("http2exception")
                ? text + " (if the server speaks TLS, the endpoint must be https)"
                : text;
    }
}
