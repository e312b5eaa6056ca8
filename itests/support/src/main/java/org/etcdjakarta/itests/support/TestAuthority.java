package org.etcdjakarta.itests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** A certificate authority for tests, by the JDK's keytool. All files are in one folder, under the names of their owners. */
public final class TestAuthority {

    /** Of all key stores. */
    public static final String PASSWORD = "changeit";

    private final Path folder;
    private final String name;
    private final Path store;
    private final Path certificate;

    /**
     * What the owner of a certificate has.
     *
     * @param store PKCS#12 with key and chain
     * @param certificate PEM, the certificate and the authority's
     * @param key PEM, PKCS#8 without password
     */
    public record Issued(Path store, Path certificate, Path key) {}

    /** Makes a new key and its certificate. */
    public TestAuthority(Path folder, String name) {
        this.folder = folder;
        this.name = name;
        store = folder.resolve(name + ".p12");
        certificate = folder.resolve(name + ".pem");
        keytool(withStore(
                store, "-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "bc:c"));
        keytool(withStore(store, "-exportcert", "-alias", name, "-rfc", "-file", certificate.toString()));
    }

    /** The authority's own certificate, PEM. */
    public Path certificate() {
        return certificate;
    }

    /** A trust store, PKCS#12 or JKS, with the authority's own certificate in it. */
    public Path trustStore(String type) {
        Path trust = folder.resolve(name + "-trust." + type);
        keytool(withStore(
                trust,
                "-importcert",
                "-noprompt",
                "-alias",
                name,
                "-storetype",
                type,
                "-file",
                certificate.toString()));
        return trust;
    }

    /**
     * A certificate for servers and clients, valid from yesterday for the days.
     *
     * @param names as keytool's extension {@code san} takes them: {@code dns:localhost,ip:127.0.0.1}
     * @param days 1 for one that has expired
     */
    public Issued issue(String owner, String names, int days) {
        Path own = folder.resolve(owner + ".p12");
        Path request = folder.resolve(owner + ".csr");
        Path leaf = folder.resolve(owner + "-leaf.pem");
        keytool(withStore(own, "-genkeypair", "-alias", owner, "-keyalg", "EC", "-dname", "CN=" + owner));
        keytool(withStore(own, "-certreq", "-alias", owner, "-file", request.toString()));
        keytool(withStore(
                store,
                "-gencert",
                "-alias",
                name,
                "-startdate",
                "-1d",
                "-validity",
                Integer.toString(days),
                "-ext",
                "san=" + names,
                "-ext",
                "eku=serverAuth,clientAuth",
                "-rfc",
                "-infile",
                request.toString(),
                "-outfile",
                leaf.toString()));
        try {
            return assemble(owner, own, leaf);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Issued assemble(String owner, Path own, Path leaf) throws IOException, GeneralSecurityException {
        var factory = java.security.cert.CertificateFactory.getInstance("X.509");
        List<Certificate> chain = new ArrayList<>();
        for (Path file : List.of(leaf, certificate)) {
            try (var in = Files.newInputStream(file)) {
                chain.add(factory.generateCertificate(in));
            }
        }
        char[] password = PASSWORD.toCharArray();
        KeyStore keys = KeyStore.getInstance(own.toFile(), password);
        keys.setKeyEntry(owner, keys.getKey(owner, password), password, chain.toArray(Certificate[]::new));
        try (var out = Files.newOutputStream(own)) {
            keys.store(out, password);
        }
        StringBuilder certificates = new StringBuilder();
        for (Certificate one : chain) {
            certificates.append(pem("CERTIFICATE", encoded(one)));
        }
        return new Issued(
                own,
                Files.writeString(folder.resolve(owner + ".pem"), certificates),
                Files.writeString(
                        folder.resolve(owner + "-key.pem"),
                        pem("PRIVATE KEY", keys.getKey(owner, password).getEncoded())));
    }

    private static byte[] encoded(Certificate certificate) throws CertificateEncodingException {
        return certificate.getEncoded();
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    private static List<String> withStore(Path store, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
        return all;
    }

    private static void keytool(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(arguments + " ended with " + status + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
