/** The support classes themselves keep their promises: a fault test proves nothing when its fault does not happen. */
@NullMarked
package org.etcdjakarta.itests.support;

import org.jspecify.annotations.NullMarked;
