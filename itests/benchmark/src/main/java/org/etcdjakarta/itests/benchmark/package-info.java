/**
 * A paired closed-loop benchmark of clients for etcd. The harness ({@link Benchmark}) starts one etcd and a JVM for each client
 * ({@link Variant}), lets them take turns cell by cell ({@link Turns}), and writes what it has seen as Markdown
 * ({@link Report}). The other half runs in those JVMs: {@link Child}, {@link LoadGenerator} and the clients behind
 * {@link KvCalls}.
 */
@NullMarked
package org.etcdjakarta.itests.benchmark;

import org.jspecify.annotations.NullMarked;
