package org.etcdjakarta.config;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.OptionsUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Every key of the prefix at one revision.
 *
 * @param revision of the first page; the other pages are read at it, so that all keys are from one revision
 */
record ConfigRange(long revision, List<KeyValue> keyValues) {

    private static final int PAGE = 500;
    private static final ByteSequence NEXT = ByteSequence.from(new byte[] {0});

    /** Blocks; each page ends within the link's request timeout. */
    static ConfigRange read(KV kv, ByteSequence prefix) throws ExecutionException, InterruptedException {
        ByteSequence end = OptionsUtil.prefixEndOf(prefix);
        List<KeyValue> keyValues = new ArrayList<>();
        ByteSequence from = prefix;
        long revision = 0;
        while (true) {
            GetResponse page = kv.get(
                            from,
                            GetOption.builder()
                                    .withRange(end)
                                    .withLimit(PAGE)
                                    .withRevision(revision)
                                    .build())
                    .get();
            if (revision == 0) {
                revision = page.getHeader().getRevision();
            }
            keyValues.addAll(page.getKvs());
            if (!page.isMore() || page.getKvs().isEmpty()) {
                return new ConfigRange(revision, keyValues);
            }
            from = page.getKvs().get(page.getKvs().size() - 1).getKey().concat(NEXT);
        }
    }
}
