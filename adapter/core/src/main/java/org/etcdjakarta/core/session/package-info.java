/**
 * Leases that are kept alive, given up by the clock before etcd can have expired them, and replaced. Knows nothing of channels:
 * the link implements {@link org.etcdjakarta.core.session.LeaseTransport}.
 */
@NullMarked
package org.etcdjakarta.core.session;

import org.jspecify.annotations.NullMarked;
