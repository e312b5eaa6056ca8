package org.etcdjakarta.core.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a {@link TlsConfig} hold at this moment, checked as far as it can be without a server. Errors are
 * IllegalArgumentExceptions that name the property and its value, never a password.
 *
 * @param trust null for the JDK's certificates
 * @param identity null when the client has no certificate
 */
record TlsMaterial(@Nullable TrustManagerFactory trust, @Nullable KeyManagerFactory identity) {

    private static final String PEM = "allowed: the path of a PEM file";
    private static final String STORE = "allowed: the path of a PKCS#12 or JKS file, and its password";

    /** Reads a file; what goes wrong becomes the error of the property. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException, GeneralSecurityException;
    }

    static TlsMaterial read(TlsConfig config) {
        return new TlsMaterial(trust(config), identity(config));
    }

    private static @Nullable TrustManagerFactory trust(TlsConfig config) {
        Path pem = config.trust();
        if (pem != null) {
            return of("tlsTrust", pem, PEM, () -> trust(Pem.certificates(pem)));
        }
        Path store = config.trustStore();
        return store == null
                ? null
                : of(
                        "tlsTrustStore",
                        store,
                        STORE,
                        () -> trust(trusted(open(store, config.trustStorePassword(), "tlsTrustStorePassword"))));
    }

    private static @Nullable KeyManagerFactory identity(TlsConfig config) {
        Path chainFile = config.certificate();
        Path keyFile = config.key();
        if (chainFile != null && keyFile != null) {
            List<X509Certificate> chain = of("tlsCertificate", chainFile, PEM, () -> {
                List<X509Certificate> read = Pem.certificates(chainFile);
                read.get(0).checkValidity();
                return read;
            });
            return of("tlsKey", keyFile, PEM, () -> identity(chain, Pem.key(keyFile, config.keyPassword()), chainFile));
        }
        Path store = config.keyStore();
        return store == null ? null : of("tlsKeyStore", store, STORE, () -> identity(store, config));
    }

    private static <T> T of(String property, Path file, String allowed, Reading<T> reading) {
        String what = property + ": \"" + file + "\" ";
        if (!Files.isReadable(file) || !Files.isRegularFile(file)) {
            throw new IllegalArgumentException(what + "is not a readable file; " + allowed);
        }
        try {
            return reading.read();
        } catch (IOException | GeneralSecurityException e) {
            String reason = e instanceof CertificateException && e.getMessage() != null && isValidity(e)
                    ? "has a certificate outside its time of validity (" + e.getMessage() + ")"
                    : "cannot be used: " + e.getMessage();
            throw new IllegalArgumentException(what + reason + "; " + allowed, e);
        }
    }

    private static boolean isValidity(Exception e) {
        return e.getClass() == java.security.cert.CertificateExpiredException.class
                || e.getClass() == java.security.cert.CertificateNotYetValidException.class;
    }

    private static TrustManagerFactory trust(List<X509Certificate> certificates)
            throws IOException, GeneralSecurityException {
        oneValid(certificates);
        KeyStore store = empty();
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("trusted-" + i, certificates.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    /** Bundles hold expired authorities beside their successors, so one that is valid is enough. */
    private static void oneValid(List<X509Certificate> certificates) throws CertificateException {
        CertificateException last = null;
        for (X509Certificate certificate : certificates) {
            try {
                certificate.checkValidity();
                return;
            } catch (CertificateException e) {
                last = e;
            }
        }
        if (last != null) {
            throw last;
        }
    }

    private static List<X509Certificate> trusted(KeyStore store) throws GeneralSecurityException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            if (store.isCertificateEntry(alias) && store.getCertificate(alias) instanceof X509Certificate found) {
                certificates.add(found);
            }
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException(
                    "it holds no trusted certificate that can be read; is tlsTrustStorePassword right?");
        }
        return certificates;
    }

    private static KeyManagerFactory identity(List<X509Certificate> chain, PrivateKey key, Path chainFile)
            throws IOException, GeneralSecurityException {
        belongTogether(key, chain.get(0), "tlsCertificate \"" + chainFile + "\"");
        KeyStore store = empty();
        store.setKeyEntry("client", key, new char[0], chain.toArray(Certificate[]::new));
        return factory(store, new char[0]);
    }

    private static KeyManagerFactory identity(Path file, TlsConfig config)
            throws IOException, GeneralSecurityException {
        KeyStore store = open(file, config.keyStorePassword(), "tlsKeyStorePassword");
        Secret password = config.keyPassword().isEmpty() ? config.keyStorePassword() : config.keyPassword();
        List<X509Certificate> leaves = new ArrayList<>();
        for (String alias : Collections.list(store.aliases())) {
            try {
                if (store.isKeyEntry(alias)
                        && store.getKey(alias, password.characters()) instanceof PrivateKey key
                        && store.getCertificate(alias) instanceof X509Certificate leaf) {
                    belongTogether(key, leaf, "its certificate");
                    leaves.add(leaf);
                }
            } catch (UnrecoverableKeyException e) {
                throw new GeneralSecurityException(
                        "the private key \"" + alias + "\" cannot be decrypted; is tlsKeyPassword right (or missing,"
                                + " when it is not that of the store)?",
                        e);
            }
        }
        if (leaves.isEmpty()) {
            throw new GeneralSecurityException("it holds no private key with a certificate");
        }
        oneValid(leaves);
        return factory(store, password.characters());
    }

    private static KeyManagerFactory factory(KeyStore store, char[] password) throws GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory;
    }

    private static KeyStore open(Path file, Secret password, String property)
            throws IOException, GeneralSecurityException {
        try {
            return KeyStore.getInstance(file.toFile(), password.isEmpty() ? null : password.characters());
        } catch (KeyStoreException e) {
            throw new GeneralSecurityException("it is neither PKCS#12 nor JKS", e);
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw new GeneralSecurityException(property + " is wrong or missing", e);
            }
            throw e;
        }
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** What the key signs, the certificate must verify: found out here, not in every handshake. */
    private static void belongTogether(PrivateKey key, X509Certificate certificate, String whose)
            throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] probe = {1, 2, 3};
        boolean verified;
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            verified = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // Keys of different kinds.
            verified = false;
        }
        if (!verified) {
            throw new GeneralSecurityException("the private key does not belong to " + whose);
        }
    }
}
