package org.etcdjakarta.itests.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.etcdjakarta.itests.support.Etcdctl;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;

/** The whole thread: page, application, server, adapter, etcd and database. The last test ends what the others use. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SampleIT {

    private static final String MARK = "window.sameDocument";

    private static RunningSample sample;
    private static Browser browser;
    private static WebDriver page;
    private static Etcdctl witness;

    @BeforeAll
    static void start() {
        sample = RunningSample.start();
        witness = sample.witness();
        browser = new Browser();
        page = browser.driver();
    }

    @AfterAll
    static void stop() {
        // Either may be missing when the start has failed half-way.
        if (browser != null) {
            browser.close();
        }
        if (sample != null) {
            sample.close();
        }
    }

    @BeforeEach
    void load() {
        witness.deletePrefix("/demo/");
        page.get(sample.address());
        patiently("live changes").until(() -> text("connection").equals("connected"));
        patiently("keys loaded").until(() -> text("keys-count").equals("No keys below this prefix."));
    }

    @Test
    @Order(1)
    void writtenKeyIsListedAndDeletedKeyIsGone() {
        fill("put-key", "/demo/color");
        fill("put-value", "blue");
        click("put-submit");

        patiently("row of the key").until(() -> keys().equals(List.of("/demo/color = blue")));
        assertThat(witness.get("/demo/color")).hasValue("blue");

        page.findElement(By.cssSelector("tr[data-key='/demo/color'] button.delete"))
                .click();
        patiently("row gone").until(() -> keys().isEmpty());
        assertThat(witness.get("/demo/color")).isEmpty();
    }

    @Test
    @Order(2)
    void changeByAnotherClientShowsWithoutReload() {
        script(MARK + " = true");

        witness.put("/demo/live", "1");
        patiently("new row").until(() -> keys().equals(List.of("/demo/live = 1")));
        witness.put("/demo/live", "2");
        patiently("changed row").until(() -> keys().equals(List.of("/demo/live = 2")));
        witness.delete("/demo/live");
        patiently("row gone").until(() -> keys().isEmpty());

        assertThat(page.findElement(By.id("changes")).getText()).contains("PUT", "/demo/live = 2", "DELETE");
        assertThat(script("return " + MARK)).isEqualTo(true);
    }

    @Test
    @Order(3)
    void configuredValueChangesWithItsKey() {
        script(MARK + " = true");
        String byDefault = text("greeting");

        witness.put("/config/sample/greeting", "Good evening");
        patiently("value from etcd").until(() -> text("greeting").equals("Good evening"));

        fill("greeting-value", "Good night");
        click("greeting-submit");
        patiently("value from the page").until(() -> text("greeting").equals("Good night"));
        assertThat(witness.get("/config/sample/greeting")).hasValue("Good night");

        click("greeting-reset");
        patiently("default again").until(() -> text("greeting").equals(byDefault));
        assertThat(script("return " + MARK)).isEqualTo(true);
    }

    @Test
    @Order(4)
    void orderIsInBothAndAFailingOneInNeither() {
        fill("order-item", "tea");
        click("order-submit");
        patiently("order in both").until(() -> orders().equals(List.of("tea: row yes, key yes")));
        assertThat(witness.keys("/demo/orders/")).hasSize(1);

        fill("order-item", "coffee");
        click("order-fail");
        patiently("failure shown").until(() -> "error".equals(attribute("notice", "data-kind")));
        patiently("list loaded anew").until(() -> enabled("order-submit"));
        assertThat(orders()).containsExactly("tea: row yes, key yes");
        assertThat(witness.keys("/demo/orders/")).hasSize(1);
    }

    @Test
    @Order(5)
    void keyboardAloneIsEnough() {
        page.findElement(By.tagName("body")).sendKeys(Keys.TAB);
        assertThat(focused().getText()).isEqualTo("Skip to content");
        focused().sendKeys(Keys.ENTER);

        tabTo("put-key");
        focused().sendKeys(Keys.chord(Keys.CONTROL, "a"), "/demo/typed", Keys.TAB, "by hand", Keys.ENTER);
        patiently("row of the key").until(() -> keys().equals(List.of("/demo/typed = by hand")));

        // From its own form back to the row's button, which stands before it.
        for (int i = 0; i < 10 && !"Delete /demo/typed".equals(focused().getDomAttribute("aria-label")); i++) {
            press(Keys.SHIFT, Keys.TAB);
        }
        focused().sendKeys(Keys.ENTER);
        patiently("row gone").until(() -> keys().isEmpty());
        assertThat(witness.get("/demo/typed")).isEmpty();
    }

    @Test
    @Order(6)
    void interruptStopsEverythingThatWasStarted() throws Exception {
        List<ProcessHandle> processes = sample.processes();
        // The script, etcd, the server's script and its JVM: otherwise there would be nothing to prove.
        assertThat(processes).hasSizeGreaterThanOrEqualTo(3).allMatch(RunningSample::runs);

        sample.interrupt();

        assertThat(sample.awaitEnd()).isZero();
        patiently("all processes ended").until(() -> processes.stream().noneMatch(RunningSample::runs));
    }

    private static ConditionFactory patiently(String what) {
        return Awaitility.await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
    }

    private static @Nullable String attribute(String id, String name) {
        return page.findElement(By.id(id)).getDomAttribute(name);
    }

    private static String text(String id) {
        return page.findElement(By.id(id)).getText();
    }

    /** The listed keys as "key = value". */
    private static List<String> keys() {
        return rows("keys-body").stream()
                .map(cells -> cells.get(0) + " = " + cells.get(1))
                .toList();
    }

    /** The listed orders: what was ordered, and where it is. */
    private static List<String> orders() {
        return rows("orders-body").stream()
                .map(cells -> cells.get(1) + ": row " + cells.get(3) + ", key " + cells.get(4))
                .toList();
    }

    /** The texts of a table's cells, read in one step: the page replaces rows whenever a change arrives. */
    @SuppressWarnings("unchecked") // what this script returns
    private static List<List<String>> rows(String body) {
        return (List<List<String>>) script("return [...document.getElementById('" + body
                + "').rows].map(row => [...row.cells].map(cell => cell.textContent))");
    }

    private static boolean enabled(String id) {
        return page.findElement(By.id(id)).isEnabled();
    }

    private static void fill(String id, String value) {
        WebElement field = page.findElement(By.id(id));
        field.clear();
        field.sendKeys(value);
    }

    private static void click(String id) {
        patiently("button " + id + " enabled").until(() -> enabled(id));
        page.findElement(By.id(id)).click();
    }

    private static WebElement focused() {
        return page.switchTo().activeElement();
    }

    private static void tabTo(String id) {
        for (int i = 0; i < 40 && !id.equals(focused().getDomAttribute("id")); i++) {
            press(Keys.TAB);
        }
        assertThat(focused().getDomAttribute("id")).isEqualTo(id);
    }

    private static void press(Keys... keys) {
        focused().sendKeys(Keys.chord(keys));
    }

    private static Object script(String script) {
        return browser.driver().executeScript(script);
    }
}
