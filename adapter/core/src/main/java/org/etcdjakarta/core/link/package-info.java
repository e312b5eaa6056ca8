/**
 * The link: one shared physical client of one cluster, with its channel, credentials and deadlines, and jetcd's interfaces
 * over the generated stubs. Everything above uses a link; a link knows nothing of what is above it.
 */
@NullMarked
package org.etcdjakarta.core.link;

import org.jspecify.annotations.NullMarked;
