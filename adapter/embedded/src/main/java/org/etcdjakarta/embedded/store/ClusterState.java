package org.etcdjakarta.embedded.store;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.Member;
import java.util.ArrayList;
import java.util.List;

/**
 * What an administrator changes of a cluster. It has one member that works; learners can be added, which never start.
 *
 * @param alarms those that are raised, in the order in which they were
 * @param downgrading between a downgrade's start and its cancellation
 */
public record ClusterState(
        List<String> peerUrls, List<Member> learners, List<AlarmMember> alarms, boolean downgrading) {

    static final ClusterState NEW = new ClusterState(List.of("http://localhost:2380"), List.of(), List.of(), false);

    public ClusterState withPeerUrls(List<String> urls) {
        return new ClusterState(List.copyOf(urls), learners, alarms, downgrading);
    }

    public ClusterState withLearners(List<Member> next) {
        return new ClusterState(peerUrls, List.copyOf(next), alarms, downgrading);
    }

    public ClusterState plus(AlarmMember alarm) {
        List<AlarmMember> next = new ArrayList<>(alarms);
        if (!next.contains(alarm)) {
            next.add(alarm);
        }
        return new ClusterState(peerUrls, learners, List.copyOf(next), downgrading);
    }

    public ClusterState minus(AlarmMember alarm) {
        List<AlarmMember> next = new ArrayList<>(alarms);
        next.remove(alarm);
        return new ClusterState(peerUrls, learners, List.copyOf(next), downgrading);
    }

    public ClusterState downgrading(boolean next) {
        return new ClusterState(peerUrls, learners, alarms, next);
    }

    /** By etcd's number: jetcd's protocol classes lack CORRUPT. */
    public boolean raised(int type) {
        return alarms.stream().anyMatch(alarm -> alarm.getAlarmValue() == type);
    }
}
