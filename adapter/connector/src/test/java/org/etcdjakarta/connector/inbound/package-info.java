@NullMarked
package org.etcdjakarta.connector.inbound;

import org.jspecify.annotations.NullMarked;
