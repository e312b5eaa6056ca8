/**
 * Transactions under every kind of failure, in virtual time: processes, their transaction managers and two etcds in one thread's
 * sequence, which a seed decides. See {@link org.etcdjakarta.core.tx.simulation.World} for what happens in it and {@link
 * org.etcdjakarta.core.tx.simulation.Bank} for what must hold.
 */
@NullMarked
package org.etcdjakarta.core.tx.simulation;

import org.jspecify.annotations.NullMarked;
