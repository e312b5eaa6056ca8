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
        String cause = "null".equals(pick.group(3)) ? description : pick.group(3);
        String type = String.valueOf(pick.group(2));
        return ", no connection: " + (tls ? overTls(pick.group(1), type, cause) : plain(description, type, cause));
    }

    /** The description names the handlers of the connection, and with them how far it has come. */
    private static String overTls(String description, String type, String cause) {
        if (type.endsWith("NotSslRecordException")) {
            return "TLS handshake failed: the server answers in plaintext (" + cause + ")";
        }
        if (cause.contains("ClosedChannelException") && description.contains("ClientTlsHandler")) {
            return "TLS handshake failed: the server has closed the connection (it may speak plaintext, or refuse the"
                    + " client's certificate)";
        }
        String all = (type + " " + cause).toLowerCase(Locale.ROOT);
        return all.contains("ssl") || all.contains("certificate") ? "TLS handshake failed: " + cause : cause;
    }

    /** What a server that waits for a handshake answers to plaintext: a record of TLS, the end, or a reset. */
    private static String plain(String description, String type, String cause) {
        String all = (description + " " + type + " " + cause).toLowerCase(Locale.ROOT);
        return all.contains("not settings")
                        || all.contains("network closed")
                        || all.contains("connection reset")
                        || all.contains("http2exception")
                ? cause + " (if the server speaks TLS, the endpoint must be https)"
                : cause;
    }
}
