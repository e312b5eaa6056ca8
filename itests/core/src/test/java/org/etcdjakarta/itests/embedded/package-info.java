/** The embedded etcd beside the real one: both are asked the same, and have to say the same. */
@NullMarked
package org.etcdjakarta.itests.embedded;

import org.jspecify.annotations.NullMarked;
