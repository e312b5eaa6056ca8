/** etcd's services over the store, each in its own file: what a request means, and what etcd answers. */
@NullMarked
package org.etcdjakarta.embedded.service;

import org.jspecify.annotations.NullMarked;
