/** Payara for the shared suites. */
@NullMarked
package org.etcdjakarta.itests.payara;

import org.jspecify.annotations.NullMarked;
