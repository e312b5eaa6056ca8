/**
 * What stands around the suites while they run: the etcd of the module, the properties that name it, and helpers for the modules
 * that prepare a server. Runs in the test's JVM, never in the server.
 */
@NullMarked
package org.etcdjakarta.itests.environment;

import org.jspecify.annotations.NullMarked;
