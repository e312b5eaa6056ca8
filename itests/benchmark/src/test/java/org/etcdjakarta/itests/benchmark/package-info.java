/** The harness's arithmetic, a run of it that is short enough for every build, and jetcd's own client beside ours. */
@NullMarked
package org.etcdjakarta.itests.benchmark;

import org.jspecify.annotations.NullMarked;
