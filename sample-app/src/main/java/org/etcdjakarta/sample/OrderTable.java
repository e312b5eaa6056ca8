package org.etcdjakarta.sample;

import jakarta.annotation.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** The orders in the server's default data source. */
@ApplicationScoped
public class OrderTable {

    @SuppressWarnings("NullAway.Init") // the container injects it
    @Resource(lookup = "java:comp/DefaultDataSource")
    DataSource dataSource;

    /** To be called outside a transaction: H2 commits at every DDL statement. */
    void createIfMissing() {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE IF NOT EXISTS SAMPLE_ORDER (ID VARCHAR(40) PRIMARY KEY,"
                            + " ITEM VARCHAR(200) NOT NULL, QUANTITY INT NOT NULL, PLACED TIMESTAMP DEFAULT CURRENT_TIMESTAMP)");
        } catch (SQLException e) {
            throw new OrderTableException("The table of the orders cannot be created", e);
        }
    }

    void insert(Order order) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO SAMPLE_ORDER (ID, ITEM, QUANTITY) VALUES (?, ?, ?)")) {
            insert.setString(1, order.id());
            insert.setString(2, order.item());
            insert.setInt(3, order.quantity());
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new OrderTableException("The order " + order.id() + " cannot be written to the database", e);
        }
    }

    /** The latest first. */
    List<Order> latest(int limit) {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT ID, ITEM, QUANTITY FROM SAMPLE_ORDER ORDER BY PLACED DESC, ID")) {
            query.setMaxRows(limit);
            List<Order> orders = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    orders.add(new Order(rows.getString(1), rows.getString(2), rows.getInt(3)));
                }
            }
            return orders;
        } catch (SQLException e) {
            throw new OrderTableException("The orders cannot be read from the database", e);
        }
    }
}
