/**
 * Transactions over etcd: the workspace of a branch, its guards, and the one-phase and two-phase commit protocols behind
 * {@code javax.transaction.xa.XAResource}.
 */
@NullMarked
package org.etcdjakarta.core.tx;

import org.jspecify.annotations.NullMarked;
