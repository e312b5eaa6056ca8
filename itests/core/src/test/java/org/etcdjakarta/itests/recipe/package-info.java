/** Recipes against a real etcd, and beside etcd's own clients. */
@NullMarked
package org.etcdjakarta.itests.recipe;

import org.jspecify.annotations.NullMarked;
