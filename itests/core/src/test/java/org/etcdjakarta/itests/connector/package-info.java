/** The connector without a server, against a real etcd. */
@NullMarked
package org.etcdjakarta.itests.connector;

import org.jspecify.annotations.NullMarked;
