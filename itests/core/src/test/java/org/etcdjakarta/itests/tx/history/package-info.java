/**
 * Histories of transactions, and whether some order of them, one after the other and in agreement with real time, explains all
 * that they have read: strict serializability, decided on the graph of their dependencies.
 */
@NullMarked
package org.etcdjakarta.itests.tx.history;

import org.jspecify.annotations.NullMarked;
