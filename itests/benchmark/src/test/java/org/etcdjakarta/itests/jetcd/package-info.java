/**
 * Programs written for jetcd ({@link Program}), run on the real jetcd in a class loader of its own and on a link's
 * {@code client()}, against one etcd. What they see is written down field by field ({@link Transcript}) and compared
 * ({@link Comparison}) by {@link LikeJetcdIT}. Programs use jetcd and the JDK only: nothing else is on
 * jetcd's class path.
 */
@NullMarked
package org.etcdjakarta.itests.jetcd;

import org.jspecify.annotations.NullMarked;
