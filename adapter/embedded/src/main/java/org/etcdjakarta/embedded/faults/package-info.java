/**
 * Faults on demand: what a real server cannot be made to do at the moment a test wants it. {@code Faults}, {@code Calls} and
 * {@code Fault} are the API; {@code FaultyCall} is where a call meets them.
 */
@NullMarked
package org.etcdjakarta.embedded.faults;

import org.jspecify.annotations.NullMarked;
