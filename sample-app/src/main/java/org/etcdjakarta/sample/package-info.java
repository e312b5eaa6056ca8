/**
 * The sample application: keys and their changes, a value from configuration, and orders that write a database row and an
 * etcd key in one transaction. It uses the public API only, in each of the ways there are: injected, through a handle, as
 * configuration and as events.
 */
@NullMarked
package org.etcdjakarta.sample;

import org.jspecify.annotations.NullMarked;
