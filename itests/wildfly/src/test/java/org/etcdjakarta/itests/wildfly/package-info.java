/** WildFly for the shared suites. */
@NullMarked
package org.etcdjakarta.itests.wildfly;

import org.jspecify.annotations.NullMarked;
