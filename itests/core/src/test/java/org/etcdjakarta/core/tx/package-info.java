/** Transactions against a real etcd, of every version line the build runs. In the package of what they test, to reach its parts. */
@NullMarked
package org.etcdjakarta.core.tx;

import org.jspecify.annotations.NullMarked;
