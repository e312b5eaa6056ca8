/** An etcd made of a map, with knobs. */
@NullMarked
package org.etcdjakarta.testing;

import org.jspecify.annotations.NullMarked;
