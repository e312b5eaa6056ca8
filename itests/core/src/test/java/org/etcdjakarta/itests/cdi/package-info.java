/** The CDI extension and the config source in plain Weld SE, against a real etcd. */
@NullMarked
package org.etcdjakarta.itests.cdi;

import org.jspecify.annotations.NullMarked;
