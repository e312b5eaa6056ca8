package org.etcdjakarta.itests.suite;

import java.io.File;
import java.net.URISyntaxException;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.etcdjakarta.cdi.EtcdWatch;
import org.etcdjakarta.itests.support.Etcdctl;
import org.hamcrest.Matcher;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ExplodedImporter;
import org.jboss.shrinkwrap.api.spec.JavaArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The portable WAR around a suite's classes: our jar, the descriptors of all servers, and what the test itself needs. */
final class TestApplication {

    private TestApplication() {}

    static WebArchive war(Class<?>... classes) {
        return bare(classes)
                .addClasses(Etcdctl.class, Names.class, Texts.class, Transactions.class)
                .addAsLibraries(jar(Assertions.class), jar(Awaitility.class), jar(Matcher.class));
    }

    /** Without what only tests that run inside the server need. */
    static WebArchive bare(Class<?>... classes) {
        return named(classes[0].getSimpleName(), classes);
    }

    static WebArchive named(String name, Class<?>... classes) {
        return ShrinkWrap.create(WebArchive.class, name + ".war")
                .addClasses(classes)
                .addAsLibraries(jar(EtcdWatch.class))
                .addAsWebInfResource("descriptors/beans.xml", "beans.xml")
                .addAsWebInfResource("descriptors/jboss-web.xml", "jboss-web.xml")
                .addAsWebInfResource("descriptors/jboss-deployment-structure.xml", "jboss-deployment-structure.xml")
                .addAsWebInfResource("descriptors/glassfish-web.xml", "glassfish-web.xml")
                .setWebXML("descriptors/web.xml");
    }

    /** The jar this class was loaded from; a folder of classes, as an IDE has it, is packed. */
    private static JavaArchive jar(Class<?> member) {
        try {
            File file = new File(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (file.isDirectory()) {
                return ShrinkWrap.create(ExplodedImporter.class, member.getSimpleName() + ".jar")
                        .importDirectory(file)
                        .as(JavaArchive.class);
            }
            return ShrinkWrap.createFromZipFile(JavaArchive.class, file);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
