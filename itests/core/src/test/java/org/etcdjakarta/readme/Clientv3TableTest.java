package org.etcdjakarta.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Pattern;
import org.etcdjakarta.itests.support.Repository;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who comes from Go finds every name of clientv3 in the table of the core's README. */
class Clientv3TableTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KV.Put",
                "KV.Get",
                "KV.Delete",
                "KV.Compact",
                "KV.Do",
                "KV.Txn",
                "OpGet",
                "OpPut",
                "OpDelete",
                "OpTxn",
                "IsGet",
                "IsPut",
                "IsDelete",
                "IsTxn",
                "Op.Txn",
                "KeyBytes",
                "RangeBytes",
                "ValueBytes",
                "Rev",
                "IsSerializable",
                "IsKeysOnly",
                "IsCountOnly",
                "MinModRev",
                "MaxModRev",
                "MinCreateRev",
                "MaxCreateRev",
                "Compare(Version(k), \"=\", n)",
                "Compare(CreateRevision(k), …)",
                "Compare(ModRevision(k), …)",
                "Compare(Value(k), …)",
                "Compare(LeaseValue(k), …)",
                "Cmp.WithRange",
                "Cmp.WithPrefix",
                "WithLease",
                "WithIgnoreLease",
                "WithIgnoreValue",
                "WithPrevKV",
                "WithLimit",
                "WithRev",
                "WithSort",
                "WithPrefix",
                "WithRange",
                "WithFromKey",
                "GetPrefixRangeEnd",
                "WithSerializable",
                "WithKeysOnly",
                "WithCountOnly",
                "WithMinModRev",
                "WithMaxModRev",
                "WithMinCreateRev",
                "WithMaxCreateRev",
                "WithFirstKey",
                "WithLastKey",
                "WithFirstCreate",
                "WithLastCreate",
                "WithFirstRev",
                "WithLastRev",
                "WithCompactPhysical",
                "NewSession",
                "WithTTL",
                "Session.Lease",
                "Session.Done",
                "Session.Orphan",
                "Session.Close"
            })
    void hasARow(String name) throws IOException {
        String readme = Files.readString(Repository.root().resolve("adapter/core/README.md"));
        // in the first column
        assertThat(readme).containsPattern("(?m)^\\|[^|]*`" + Pattern.quote(name) + "`[^|]*\\| .*`.*\\|$");
    }
}
