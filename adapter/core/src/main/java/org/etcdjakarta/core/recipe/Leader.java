package org.etcdjakarta.core.recipe;

import io.etcd.jetcd.ByteSequence;

/**
 * Who leads an election, as etcd has told it.
 *
 * @param key stands for the leadership; without the namespace
 * @param proposal what the leader has proclaimed last
 * @param token create revision of the key: greater for each later leader
 * @param revision of the last proclamation
 * @param leaseId the lease of the leader's session
 */
public record Leader(ByteSequence key, ByteSequence proposal, long token, long revision, long leaseId) {}
