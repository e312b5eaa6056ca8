/**
 * What integration tests stand on: a real etcd that can be stopped, killed and paused, a proxy that breaks connections, and the
 * counting of threads. Nothing here uses the adapter, so that a test's witness never shares a mistake with its subject.
 */
@NullMarked
package org.etcdjakarta.itests.support;

import org.jspecify.annotations.NullMarked;
