package org.etcdjakarta.connector;

import jakarta.resource.spi.ConnectionRequestInfo;
import org.jspecify.annotations.Nullable;

/** The user an application named itself; equal by its values, as pools demand. */
record EtcdConnectionRequestInfo(String user, @Nullable String password) implements ConnectionRequestInfo {

    @Override
    public String toString() {
        return "EtcdConnectionRequestInfo[user=" + user + ']';
    }
}
