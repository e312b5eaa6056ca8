package org.etcdjakarta.sample;

import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;

/** What has to stand before the first request: a listener runs with the application's names and outside a transaction. */
@WebListener
public class Startup implements ServletContextListener {

    @Inject
    OrderTable table;

    @Override
    public void contextInitialized(ServletContextEvent event) {
        table.createIfMissing();
    }
}
