/**
 * What the server remembers: keys in all their revisions, leases, users. All of it is immutable values under one lock; every
 * service reads and changes them here and nowhere else.
 */
@NullMarked
package org.etcdjakarta.embedded.store;

import org.jspecify.annotations.NullMarked;
