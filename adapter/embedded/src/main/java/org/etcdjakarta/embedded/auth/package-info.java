/**
 * Users, roles and what they permit, and the tokens by which callers are known. Immutable values like the rest of the store, but
 * for the tokens: those do not survive a restart, as in etcd. Uses nothing of the other packages.
 */
@NullMarked
package org.etcdjakarta.embedded.auth;

import org.jspecify.annotations.NullMarked;
