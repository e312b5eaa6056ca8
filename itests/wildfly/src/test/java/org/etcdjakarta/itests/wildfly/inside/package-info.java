/** What runs inside of a server, in a test's application, and is driven by HTTP. */
@NullMarked
package org.etcdjakarta.itests.wildfly.inside;

import org.jspecify.annotations.NullMarked;
