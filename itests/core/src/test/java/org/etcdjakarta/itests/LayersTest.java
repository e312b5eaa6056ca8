package org.etcdjakarta.itests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** Dependencies point downwards only: api ← core ← connector, and the extension stands on api and core. */
class LayersTest {

    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("org.etcdjakarta");

    private static final String API = "org.etcdjakarta";
    private static final String CORE = "org.etcdjakarta.core..";
    private static final String CONNECTOR = "org.etcdjakarta.connector..";
    private static final String[] EXTENSION = {
        "org.etcdjakarta.cdi..", "org.etcdjakarta.config..", "org.etcdjakarta.health.."
    };

    private static final DescribedPredicate<JavaClass> OURS = resideInAPackage("org.etcdjakarta..");

    @Test
    void apiUsesNothingOfOurs() {
        classes()
                .that()
                .resideInAPackage(API)
                .should()
                .onlyDependOnClassesThat(resideInAPackage(API).or(not(OURS)))
                .check(CLASSES);
    }

    @Test
    void coreUsesOnlyTheApi() {
        classes()
                .that()
                .resideInAPackage(CORE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(API, CORE).or(not(OURS)))
                .check(CLASSES);
    }

    @Test
    void coreNeedsNoJakartaApi() {
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jakarta..")
                .check(CLASSES);
    }

    @Test
    void connectorUsesOnlyApiAndCore() {
        classes()
                .that()
                .resideInAPackage(CONNECTOR)
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(API, CORE, CONNECTOR).or(not(OURS)))
                .check(CLASSES);
    }

    @Test
    void extensionUsesOnlyApiAndCore() {
        classes()
                .that()
                .resideInAnyPackage(EXTENSION)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(API, CORE)
                        .or(resideInAnyPackage(EXTENSION))
                        .or(not(OURS)))
                .check(CLASSES);
    }

    @Test
    void nothingUsesTheSampleOrTheTests() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.etcdjakarta.sample..", "org.etcdjakarta.itests..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.etcdjakarta.sample..", "org.etcdjakarta.itests..")
                .check(CLASSES);
    }

    @Test
    void packagesOfTheCoreHaveNoCycles() {
        slices().matching("org.etcdjakarta.core.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }
}
