package org.etcdjakarta.config;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.util.List;
import org.etcdjakarta.EtcdKv;
import org.etcdjakarta.EtcdPages;

/**
 * Every key of the prefix at one revision.
 *
 * @param revision of the first page; the other pages are read at it, so that all keys are from one revision
 */
record ConfigRange(long revision, List<KeyValue> keyValues) {

    /** Blocks; each page ends within the link's request timeout. */
    static ConfigRange read(EtcdKv kv, ByteSequence prefix) {
        EtcdPages pages = kv.pages(prefix, GetOption.builder().isPrefix(true).build());
        List<KeyValue> keyValues = pages.stream().toList();
        return new ConfigRange(pages.revision(), keyValues);
    }
}
