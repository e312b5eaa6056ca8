package org.etcdjakarta.connector.inbound;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.etcdjakarta.connector.inbound.Position.Division;
import org.etcdjakarta.core.tx.OwnRecord;
import org.etcdjakarta.core.tx.TxEngine;
import org.etcdjakarta.core.tx.TxSession;

/** The checkpoints of a durable watch, one a lane: {@code <reserved>c/<durable name>/<lane>}. */
final class Checkpoints {

    private Checkpoints() {}

    /**
     * Those of as many lanes as there are now. When there was another number of lanes, all of them begin where the last one of these was,
     * and know what the others had delivered beyond.
     *
     * @return empty when nothing has ever been delivered under this name
     * @throws org.etcdjakarta.EtcdException etcd does not answer, or the checkpoints have changed meanwhile
     * @throws IllegalArgumentException what is there is no checkpoint of this watch
     */
    static List<Checkpoint> open(TxEngine engine, String durableName, String range, int lanes, String node) {
        String prefix = prefix(durableName);
        Map<Integer, OwnRecord> records = new TreeMap<>();
        engine.listOwn(prefix).forEach((lane, record) -> records.put(number(prefix + lane, lane), record));
        if (records.isEmpty()) {
            return List.of();
        }
        List<Position> before = new ArrayList<>();
        records.forEach((lane, record) -> before.add(checked(prefix + lane, decode(prefix + lane, record), range)));
        int lanesBefore = before.get(0).lanes();
        for (int lane = 0; lane < lanesBefore; lane++) {
            if (records.size() != lanesBefore || !records.containsKey(lane)) {
                throw InboundMessages.incompleteCheckpoints(prefix, lanesBefore, records.keySet());
            }
        }
        return lanes == lanesBefore
                ? existing(engine, prefix, records, before, node)
                : divided(engine, durableName, records, before, lanes, node);
    }

    /** Of a watch that begins: in etcd when it is written first. */
    static List<Checkpoint> fresh(
            TxEngine engine, String durableName, String range, int lanes, long revision, String node) {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            Position position = new Position(revision, lanes, range, List.of(), node);
            checkpoints.add(new Checkpoint(engine, prefix(durableName) + lane, node, OwnRecord.ABSENT, position));
        }
        return checkpoints;
    }

    static String prefix(String durableName) {
        return "c/" + durableName + "/";
    }

    /** IllegalArgumentException that names the record. */
    static Position decode(String name, OwnRecord record) {
        try {
            return Position.decode(record.value());
        } catch (IllegalArgumentException unreadable) {
            throw InboundMessages.unreadableCheckpoint(name, unreadable);
        }
    }

    private static int number(String name, String lane) {
        try {
            return Integer.parseInt(lane);
        } catch (NumberFormatException unreadable) {
            throw InboundMessages.unreadableCheckpoint(name, unreadable);
        }
    }

    private static Position checked(String name, Position position, String range) {
        if (!position.range().equals(range)) {
            throw InboundMessages.checkpointOfAnotherWatch(name, position.range(), range);
        }
        return position;
    }

    private static List<Checkpoint> existing(
            TxEngine engine, String prefix, Map<Integer, OwnRecord> records, List<Position> positions, String node) {
        List<Checkpoint> checkpoints = new ArrayList<>();
        records.forEach((lane, record) ->
                checkpoints.add(new Checkpoint(engine, prefix + lane, node, record, positions.get(lane))));
        return checkpoints;
    }

    /** In one transaction, which nobody who goes by the old ones survives: each of his own demands what he has seen. */
    private static List<Checkpoint> divided(
            TxEngine engine,
            String durableName,
            Map<Integer, OwnRecord> records,
            List<Position> before,
            int lanes,
            String node) {
        List<Long> revisions = before.stream().map(Position::revision).toList();
        long slowest = Collections.min(revisions);
        // every lane knows of all earlier divisions, as long as one of them needs them
        List<Division> earlier = new ArrayList<>();
        before.forEach(position -> position.earlier().stream()
                .filter(division -> division.farthest() > slowest && !earlier.contains(division))
                .forEach(earlier::add));
        if (Collections.max(revisions) > slowest) {
            earlier.add(new Division(revisions));
        }
        Position position = new Position(slowest, lanes, before.get(0).range(), List.copyOf(earlier), node);
        TxSession session = engine.newSession();
        session.begin();
        try {
            for (int lane = 0; lane < Math.max(lanes, before.size()); lane++) {
                OwnRecord seen = records.getOrDefault(lane, OwnRecord.ABSENT);
                session.replaceOwn(prefix(durableName) + lane, seen, lane < lanes ? position.encode() : null);
            }
            session.commit();
        } catch (RuntimeException e) {
            session.reset();
            throw e;
        }
        return open(engine, durableName, position.range(), lanes, node);
    }
}
