/**
 * What ties locks to transactions: the compares that say that a thread still holds what it has taken. Recipes add them, transactions
 * commit under them, and neither knows the other.
 */
@NullMarked
package org.etcdjakarta.core.fence;

import org.jspecify.annotations.NullMarked;
