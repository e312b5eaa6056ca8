/**
 * The resource adapter (Jakarta Connectors 2.1): its configuration, the managed connections that a server pools, and the
 * handles that applications hold. Managed connections are light sessions over a shared link; they own no thread and no socket.
 */
@NullMarked
package org.etcdjakarta.connector;

import org.jspecify.annotations.NullMarked;
