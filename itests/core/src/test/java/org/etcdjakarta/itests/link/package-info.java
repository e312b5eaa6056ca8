/** The link and its watches against a real etcd: faults by a proxy and by signals to the server. */
@NullMarked
package org.etcdjakarta.itests.link;

import org.jspecify.annotations.NullMarked;
