/**
 * What applications compile against: the connection factory and the connection of the resource adapter, what watches
 * deliver, and the exceptions. The operations themselves are jetcd's interfaces ({@code io.etcd.jetcd.KV} and the others).
 */
@NullMarked
package org.etcdjakarta;

import org.jspecify.annotations.NullMarked;
