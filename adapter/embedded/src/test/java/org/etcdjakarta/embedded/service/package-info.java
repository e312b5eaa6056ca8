/** The services over a real port, called with the bare stubs. */
@NullMarked
package org.etcdjakarta.embedded.service;

import org.jspecify.annotations.NullMarked;
