/**
 * What processes do together over etcd: lock, leader election, counter. Each is fenced: the create revision of the key that
 * stands for a holding is its token, and writes that carry it cannot be applied once the holding is lost.
 */
@NullMarked
package org.etcdjakarta.core.recipe;

import org.jspecify.annotations.NullMarked;
