package org.etcdjakarta.sample;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** Everything the page calls is below {@code api}. */
@ApplicationPath("api")
public class SampleApplication extends Application {}
