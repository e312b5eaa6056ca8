/**
 * etcd as a MicroProfile Config source: one range of the prefix at a pinned revision, then a watch from the next one; one
 * revision is one atomic swap of an immutable snapshot, and reads are map look-ups. Knows nothing of CDI.
 */
@NullMarked
package org.etcdjakarta.config;

import org.jspecify.annotations.NullMarked;
