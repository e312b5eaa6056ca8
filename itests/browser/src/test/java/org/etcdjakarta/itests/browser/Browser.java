package org.etcdjakarta.itests.browser;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.etcdjakarta.itests.support.Repository;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A headless Chromium with a profile of its own that talks to nobody but the page under test. */
final class Browser implements AutoCloseable {

    private final ChromeDriver driver;

    Browser() {
        List<String> found = find();
        Path profile;
        try {
            // Below target, where it may stay: some of the browser's processes write to it even after its end.
            profile = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "browser-profile");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ChromeOptions options = new ChromeOptions();
        options.setBinary(found.get(0));
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-proxy-server",
                "--window-size=1280,1600",
                "--user-data-dir=" + profile);
        // Both paths are given, so that the driver's own search, which downloads, never runs.
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(new File(found.get(1)))
                .withLogFile(new File("target/chromedriver.log"))
                .build();
        driver = new ChromeDriver(service, options);
    }

    ChromeDriver driver() {
        return driver;
    }

    @Override
    public void close() {
        driver.quit();
    }

    /** Chromium and chromedriver, as the script finds them; it explains what to do when they are missing. */
    private static List<String> find() {
        Path script = Repository.root().resolve("itests/browser/find-chromium");
        try {
            Process process = new ProcessBuilder(script.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            int status = process.waitFor();
            if (status != 0 || lines.size() != 2) {
                throw new IllegalStateException(script + " ended with " + status + ", see its message above");
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException("could not run " + script, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + script, e);
        }
    }
}
