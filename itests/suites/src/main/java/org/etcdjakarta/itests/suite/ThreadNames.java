package org.etcdjakarta.itests.suite;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;

/** Prints the names of all threads of the server, one a line. */
@WebServlet("/names")
public class ThreadNames extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=UTF-8");
        try (PrintWriter out = response.getWriter()) {
            Thread.getAllStackTraces().keySet().forEach(thread -> out.println(thread.getName()));
        }
    }
}
