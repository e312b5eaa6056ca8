/**
 * The CDI extension: injects etcd's interfaces, turns watches into CDI events, and ends with the application everything that
 * it has started. Applications use its annotations; the rest is package-private.
 */
@NullMarked
package org.etcdjakarta.cdi;

import org.jspecify.annotations.NullMarked;
