/**
 * Ranges of any size at one revision, page by page: how large a page is, and what the pages after the first stand on. Uses
 * nothing else of the core.
 */
@NullMarked
package org.etcdjakarta.core.range;

import org.jspecify.annotations.NullMarked;
