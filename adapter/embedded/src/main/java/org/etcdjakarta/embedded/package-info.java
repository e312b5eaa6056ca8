/**
 * An etcd in the JVM, for development and tests only: nothing is written to disk, and there is one member. It speaks etcd's
 * gRPC protocol, so every client of etcd works with it.
 */
@NullMarked
package org.etcdjakarta.embedded;

import org.jspecify.annotations.NullMarked;
