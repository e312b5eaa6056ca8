/** The sample as its user has it: started by its script, seen in a browser, stopped with Ctrl-C. */
@NullMarked
package org.etcdjakarta.itests.browser;

import org.jspecify.annotations.NullMarked;
