/** Message-driven beans for servers that tests kill: they tell what they have done in etcd, and stop where they are told to. */
@NullMarked
package org.etcdjakarta.itests.wildfly.inbound;

import org.jspecify.annotations.NullMarked;
