package org.etcdjakarta.itests.wildfly.inside;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Runs a {@link ServerCommand} of the application for each request; a failure comes back with its stack trace. */
@WebServlet("/run")
public class CommandServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    @SuppressWarnings("BanClassLoader") // the name is of a class of the test's own application
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=UTF-8");
        String[] arguments = request.getParameterValues("argument");
        try {
            ServerCommand command = Class.forName(request.getParameter("command"))
                    .asSubclass(ServerCommand.class)
                    .getDeclaredConstructor()
                    .newInstance();
            response.getWriter().print(command.run(arguments == null ? List.of() : List.of(arguments)));
        } catch (Exception e) {
            response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            e.printStackTrace(new PrintWriter(response.getWriter()));
        }
    }
}
