/** Transactions as they are sent to etcd, counted and changed. In the package of what is measured, to reach its parts. */
@NullMarked
package org.etcdjakarta.core.tx;

import org.jspecify.annotations.NullMarked;
