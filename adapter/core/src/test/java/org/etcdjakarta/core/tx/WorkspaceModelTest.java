package org.etcdjakarta.core.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.etcdjakarta.EtcdConflictException;
import org.etcdjakarta.EtcdException;
import org.etcdjakarta.core.link.KvProtocol;
import org.junit.jupiter.api.Test;

/** Random operations: the view is what etcd would show, and what commits could have been done at the commit's revision. */
class WorkspaceModelTest {

    private static final String RESERVED = "/r/";
    private static final int OPERATIONS = 30;

    /** A question and the answer that the transaction got. */
    private record Exchange(Message question, Message answer) {}

    @Test
    void theViewIsWhatEtcdWouldShowIfTheWritesHadBeenApplied() {
        int compared = 0;
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            DirectEtcd etcd = filled(random);
            RandomRequests requests = new RandomRequests(random, etcd.revision());
            Workspace workspace = workspace(etcd);
            Requests.keys(workspace, RangeRequest.newBuilder().setKey(requests.key()));
            long r0 = etcd.revision();
            Model model = new Model(etcd.without(RESERVED));
            // others go on writing: the snapshot does not move
            for (int i = 0; i < OPERATIONS; i++) {
                disturb(etcd, random, requests);
                Message question = question(random, requests);
                String where = "seed " + seed + " operation " + i + ": " + question;
                Message answer;
                try {
                    answer = ask(workspace, question);
                } catch (EtcdException e) {
                    assertThat(e.getMessage()).as(where).containsPattern("duplicate key|key not found|can't be read");
                    if (question instanceof PutRequest) {
                        assertThatThrownBy(() -> expected(model, question))
                                .as(where)
                                .hasMessage("key not found");
                    }
                    continue;
                }
                assertHeaders(answer, r0, where);
                assertThat(bare(answer)).as(where).isEqualTo(bare(expected(model, question)));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(4000);
    }

    @Test
    void aCommitLeavesWhatTheViewShowed() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            DirectEtcd etcd = filled(random);
            Commits commits = new Commits(etcd, RESERVED);
            RandomRequests requests = new RandomRequests(random, etcd.revision());
            Workspace workspace = workspace(etcd);
            Model model = new Model(etcd.without(RESERVED));
            for (int i = 0; i < OPERATIONS; i++) {
                Message question = question(random, requests);
                try {
                    ask(workspace, question);
                } catch (EtcdException e) {
                    continue;
                }
                expected(model, question);
            }
            commits.onePhase(workspace.seal());
            assertThat(etcd.without(RESERVED).store())
                    .as("seed " + seed)
                    .isEqualTo(model.applied().store());
            assertThat(etcd.keys()).as("the reserved keys are untouched").contains(RESERVED + "p/x");
        }
    }

    @Test
    void whatCommitsCouldHaveBeenDoneAtTheRevisionOfTheCommit() {
        Outcomes outcomes = race(true);
        assertThat(outcomes.anomalies).isZero();
        assertThat(outcomes.committed).isGreaterThan(100);
        assertThat(outcomes.conflicts).isGreaterThan(100);
    }

    /** The control: were the guards not there, the test above would see it. */
    @Test
    void withoutGuardsAnomaliesShow() {
        assertThat(race(false).anomalies).isGreaterThan(50);
    }

    private record Outcomes(int committed, int conflicts, int anomalies) {}

    private static Outcomes race(boolean guarded) {
        int committed = 0;
        int conflicts = 0;
        int anomalies = 0;
        for (long seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            DirectEtcd etcd = filled(random);
            Commits commits = new Commits(etcd, RESERVED);
            RandomRequests requests = new RandomRequests(random, etcd.revision());
            Workspace workspace = workspace(etcd);
            List<Exchange> exchanges = new ArrayList<>();
            int disturbed = random.nextInt(4);
            for (int i = 0; i < 4; i++) {
                if (i == disturbed) {
                    disturb(etcd, random, requests);
                }
                Message question = question(random, requests);
                try {
                    exchanges.add(new Exchange(question, ask(workspace, question)));
                } catch (EtcdException e) {
                    // refused: no answer to compare
                }
            }
            DirectEtcd before = etcd.fork();
            Changes changes = workspace.seal();
            if (changes.isReadOnly()) {
                continue;
            }
            try {
                commits.onePhase(guarded ? changes : new Changes(changes.r0(), new Guards(), changes.writes()));
                committed++;
            } catch (EtcdConflictException e) {
                conflicts++;
                continue;
            }
            Workspace again = workspace(before);
            for (Exchange exchange : exchanges) {
                Message answer;
                try {
                    answer = ask(again, exchange.question());
                } catch (EtcdException e) {
                    anomalies++;
                    break;
                }
                if (!comparable(exchange.answer(), changes.r0()).equals(comparable(answer, before.revision()))) {
                    anomalies++;
                    break;
                }
            }
        }
        return new Outcomes(committed, conflicts, anomalies);
    }

    private static Workspace workspace(KvProtocol etcd) {
        return new Workspace(etcd, new ReservedKeys(RESERVED), Limits.local(128), Deadline.NEVER);
    }

    private static DirectEtcd filled(Random random) {
        DirectEtcd etcd = new DirectEtcd();
        RandomRequests.LEASES.forEach(etcd::grant);
        etcd.put(RESERVED + "p/x", "not for applications");
        RandomRequests requests = new RandomRequests(random, 0);
        for (int i = 0; i < 12; i++) {
            disturb(etcd, random, requests);
        }
        return etcd;
    }

    private static void disturb(DirectEtcd etcd, Random random, RandomRequests requests) {
        String key = requests.key().toStringUtf8();
        if (random.nextInt(4) == 0) {
            etcd.delete(key);
        } else {
            etcd.put(key, requests.value().toStringUtf8());
        }
    }

    private static Message question(Random random, RandomRequests requests) {
        return switch (random.nextInt(6)) {
            case 0, 1, 2 -> requests.range();
            case 3 -> requests.put();
            case 4 -> requests.delete();
            default -> requests.txn(2);
        };
    }

    private static Message ask(KvProtocol kv, Message question) {
        if (question instanceof RangeRequest range) {
            return Requests.done(kv.range(range));
        } else if (question instanceof PutRequest put) {
            return Requests.done(kv.put(put));
        } else if (question instanceof DeleteRangeRequest delete) {
            return Requests.done(kv.deleteRange(delete));
        }
        return Requests.done(kv.txn((TxnRequest) question));
    }

    private static Message expected(Model model, Message question) {
        if (question instanceof RangeRequest range) {
            return model.range(range);
        } else if (question instanceof PutRequest put) {
            return model.put(put);
        } else if (question instanceof DeleteRangeRequest delete) {
            return model.delete(delete);
        }
        return model.txn((TxnRequest) question);
    }

    private static void assertHeaders(Message answer, long r0, String where) {
        ResponseHeader header =
                (ResponseHeader) answer.getField(answer.getDescriptorForType().findFieldByName("header"));
        assertThat(header.getRevision()).as(where).isEqualTo(r0);
    }

    private static Message bare(Message answer) {
        return rewrite(answer, Long.MAX_VALUE, false);
    }

    /** Without headers, and with "new" for the revisions above R0; counts beyond a limit are not promised. */
    private static Message comparable(Message answer, long r0) {
        return rewrite(answer, r0, true);
    }

    private static Message rewrite(Message message, long r0, boolean uncounted) {
        Message.Builder rewritten = message.toBuilder();
        boolean more = message instanceof RangeResponse range
                && range.getKvsCount() > 0
                && range.getCount() > range.getKvsCount();
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            String name = field.getKey().getName();
            if (name.equals("header")) {
                rewritten.clearField(field.getKey());
            } else if (uncounted && more && (name.equals("count") || name.equals("more"))) {
                rewritten.clearField(field.getKey());
            } else if (name.endsWith("_revision") && (long) field.getValue() > r0) {
                rewritten.setField(field.getKey(), -1L);
            } else if (field.getValue() instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    rewritten.setRepeatedField(field.getKey(), i, rewrite((Message) list.get(i), r0, uncounted));
                }
            } else if (field.getValue() instanceof Message nested) {
                rewritten.setField(field.getKey(), rewrite(nested, r0, uncounted));
            }
        }
        return rewritten.build();
    }
}
