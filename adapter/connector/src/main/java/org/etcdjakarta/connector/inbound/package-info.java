/**
 * Watches delivered to message-driven beans: which node delivers, from which revision, in which transaction, and what becomes of a
 * batch that a bean refuses. Knows the server by its endpoints, work manager and transaction registry only.
 */
@NullMarked
package org.etcdjakarta.connector.inbound;

import org.jspecify.annotations.NullMarked;
