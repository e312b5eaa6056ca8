/** What holds for the project as a whole. */
@NullMarked
package org.etcdjakarta.itests;

import org.jspecify.annotations.NullMarked;
