/**
 * Watches held against what really happened: the nine validators of etcd's robustness tests over what watches were told while a seeded
 * schedule of writes, cuts, kills, stops, pauses and compactions goes on.
 */
@NullMarked
package org.etcdjakarta.itests.watch;

import org.jspecify.annotations.NullMarked;
