/**
 * Watches that resume by themselves: revision batches in order, no loss, no duplicate, or an explicit gap.
 */
@NullMarked
package org.etcdjakarta.core.watch;

import org.jspecify.annotations.NullMarked;
