/**
 * The suites that every server runs. Each class deploys one portable WAR and is executed inside the server; nothing in it names a
 * server. Tests tagged {@code smoke} are what every further server must pass at least.
 */
@NullMarked
package org.etcdjakarta.itests.suite;

import org.jspecify.annotations.NullMarked;
