package org.etcdjakarta.itests.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.transaction.RollbackException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** etcd and the server's default database in one transaction: both or neither. */
@ExtendWith(ArquillianExtension.class)
class DatabaseSuite {

    private static final String KEY = "/database/key";
    private static final String READ = "/database/read";

    private final Etcdctl witness = Etcdctl.fromSystemProperties();

    @Deployment
    static WebArchive application() {
        return TestApplication.war(DatabaseSuite.class);
    }

    @BeforeEach
    void emptyTable() throws Exception {
        witness.deletePrefix("/database/");
        update("create table itests (name varchar(40))");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        update("drop table itests");
        assertThat(witness.keys("/_etcd-jakarta/"))
                .as("but slots, which are used again, the sign that this server lives, and checkpoints of other suites")
                .allMatch(key -> key.matches("/_etcd-jakarta/[cos]/.*"));
    }

    @Test
    @Tag("smoke")
    void bothCommit() throws Exception {
        Transactions.commit(() -> {
            writeKey();
            update("insert into itests values ('row')");
        });

        assertThat(witness.get(KEY)).hasValue("1");
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void bothCommitInTheOtherOrder() throws Exception {
        Transactions.commit(() -> {
            update("insert into itests values ('row')");
            writeKey();
        });

        assertThat(witness.get(KEY)).hasValue("1");
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    @Tag("smoke")
    void bothRollBack() throws Exception {
        Transactions.rollback(() -> {
            writeKey();
            update("insert into itests values ('row')");
        });

        assertThat(witness.get(KEY)).isEmpty();
        assertThat(rows()).isZero();
    }

    @Test
    void conflictInEtcdRollsBackTheDatabase() throws Exception {
        witness.put(READ, "seen");

        assertThatThrownBy(() -> Transactions.commit(() -> {
                    try (EtcdConnection connection = Names.connect()) {
                        assertThat(Texts.get(connection.kv(), READ)).hasValue("seen");
                        Texts.put(connection.kv(), KEY, "1");
                    }
                    update("insert into itests values ('row')");
                    witness.put(READ, "changed");
                }))
                .isInstanceOf(RollbackException.class);

        assertThat(witness.get(KEY)).isEmpty();
        assertThat(rows()).isZero();
    }

    @Test
    void failureInTheDatabaseLeavesNothingInEtcd() throws Exception {
        assertThatThrownBy(() -> Transactions.commit(() -> {
                    writeKey();
                    update("insert into no_such_table values ('row')");
                }))
                .isInstanceOf(SQLException.class);

        assertThat(witness.get(KEY)).isEmpty();
    }

    private static void writeKey() throws Exception {
        try (EtcdConnection connection = Names.connect()) {
            Texts.put(connection.kv(), KEY, "1");
        }
    }

    private static void update(String sql) throws Exception {
        try (Connection connection = Names.database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static int rows() throws Exception {
        try (Connection connection = Names.database().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from itests")) {
            result.next();
            return result.getInt(1);
        }
    }
}
