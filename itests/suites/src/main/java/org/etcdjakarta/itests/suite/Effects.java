package org.etcdjakarta.itests.suite;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.naming.NamingException;
import org.etcdjakarta.EtcdBatch;
import org.etcdjakarta.EtcdConnection;
import org.etcdjakarta.EtcdEvent;

/**
 * What the failing beans do for each change: they count it in etcd and in the database, and then do what its value says. Counted is
 * twice what has committed twice, and not what was rolled back.
 */
final class Effects {

    static final String PREFIX = "/inbound-effects/failing/";

    /** Checked, so an application exception: the container commits after it. */
    static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private static final Set<String> FAILED = ConcurrentHashMap.newKeySet();

    private Effects() {}

    /** It stays: the server is a fresh one for each run, and a bean may be late. */
    static void emptyTable() throws Exception {
        update("create table if not exists inbound (name varchar(100))");
        update("delete from inbound");
    }

    private static void update(String sql) throws Exception {
        try (Connection connection = Names.database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /**
     * @param rollBack what the bean's own context offers
     */
    static void of(EtcdBatch<byte[]> batch, Runnable rollBack) throws Exception {
        for (EtcdEvent<byte[]> event : batch.events()) {
            count(event.key());
            byte[] value = event.value();
            obey(event, value == null ? "" : new String(value, StandardCharsets.UTF_8), rollBack);
        }
    }

    private static void obey(EtcdEvent<byte[]> event, String value, Runnable rollBack) throws Refused {
        if (value.startsWith("once ") && !FAILED.add(event.key() + event.revision())) {
            return;
        }
        switch (value.replace("once ", "")) {
            case "throw" -> throw new IllegalStateException("told to fail by " + event.key());
            case "refuse" -> throw new Refused("told to refuse by " + event.key());
            case "roll back" -> rollBack.run();
            default -> {
                // is taken
            }
        }
    }

    private static void count(String key) throws Exception {
        try (EtcdConnection etcd = Names.connect()) {
            Optional<String> before = Texts.get(etcd.kv(), PREFIX + key);
            int count = before.map(Integer::valueOf).orElse(0) + 1;
            Texts.put(etcd.kv(), PREFIX + key, Integer.toString(count));
        }
        try (Connection connection = Names.database().getConnection();
                PreparedStatement insert = connection.prepareStatement("insert into inbound values (?)")) {
            insert.setString(1, key);
            insert.executeUpdate();
        }
    }

    /** How often the change of a key has had its effect on the database. */
    static int rows(String key) throws SQLException {
        try (Connection connection = Names.database().getConnection();
                PreparedStatement select = connection.prepareStatement("select count(*) from inbound where name = ?")) {
            select.setString(1, key);
            try (ResultSet result = select.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        } catch (NamingException e) {
            throw new IllegalStateException(e);
        }
    }
}
