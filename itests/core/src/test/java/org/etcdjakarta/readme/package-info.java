/** The README's promises that can be checked: its examples compile. */
@NullMarked
package org.etcdjakarta.readme;

import org.jspecify.annotations.NullMarked;
