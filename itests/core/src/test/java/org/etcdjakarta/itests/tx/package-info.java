/** Transactions as their users meet them: under a real transaction manager, and on a cluster that loses members. */
@NullMarked
package org.etcdjakarta.itests.tx;

import org.jspecify.annotations.NullMarked;
