package org.etcdjakarta.core.link;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Reads certificates and private keys from PEM files; text around the blocks and blocks of other kinds are passed over. */
final class Pem {

    private static final Pattern BLOCK = Pattern.compile("(?s)-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----");
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private record Block(String label, String text) {

        byte[] der() throws GeneralSecurityException {
            if (text.contains("ENCRYPTED")) {
                throw new GeneralSecurityException(
                        "the key is encrypted in the old way of OpenSSL; convert it with" + " openssl pkcs8 -topk8");
            }
            try {
                return Base64.getMimeDecoder().decode(text.getBytes(StandardCharsets.US_ASCII));
            } catch (IllegalArgumentException e) {
                throw new GeneralSecurityException("the " + label + " is not Base64", e);
            }
        }
    }

    private Pem() {}

    /** In the file's order, at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks(file)) {
            if (block.label.equals("CERTIFICATE") || block.label.equals("X509 CERTIFICATE")) {
                certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
            }
        }
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException("it holds no certificate (-----BEGIN CERTIFICATE-----)");
        }
        return certificates;
    }

    /** PKCS#8, plain or encrypted, and the older PKCS#1 and SEC 1, which cfssl and kubeadm write. */
    static PrivateKey key(Path file, Secret password) throws IOException, GeneralSecurityException {
        for (Block block : blocks(file)) {
            byte[] pkcs8 =
                    switch (block.label) {
                        case "PRIVATE KEY" -> block.der();
                        case "ENCRYPTED PRIVATE KEY" -> decrypted(block.der(), password);
                        case "RSA PRIVATE KEY" -> Der.pkcs8OfRsa(block.der());
                        case "EC PRIVATE KEY" -> Der.pkcs8OfEc(block.der());
                        default -> null;
                    };
            if (pkcs8 != null) {
                return key(pkcs8);
            }
        }
        throw new GeneralSecurityException("it holds no private key (-----BEGIN PRIVATE KEY-----)");
    }

    private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // Of another algorithm.
            }
        }
        throw new GeneralSecurityException("its private key is not " + String.join(", ", KEY_ALGORITHMS));
    }

    private static byte[] decrypted(byte[] der, Secret password) throws IOException, GeneralSecurityException {
        if (password.isEmpty()) {
            throw new GeneralSecurityException("its private key is encrypted, and tlsKeyPassword is not given");
        }
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
        AlgorithmParameters parameters = info.getAlgParameters();
        // PBES2 is a frame; the parameters know the algorithm in it, and tell it in their text only.
        String algorithm =
                info.getAlgName().equals("PBES2") || info.getAlgName().startsWith("1.2.840.113549.1.5.13")
                        ? parameters.toString()
                        : info.getAlgName();
        char[] characters = password.characters();
        PBEKeySpec spec = new PBEKeySpec(characters);
        try {
            SecretKey key = SecretKeyFactory.getInstance(algorithm).generateSecret(spec);
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, key, parameters);
            return info.getKeySpec(cipher).getEncoded();
        } catch (InvalidKeySpecException e) {
            throw new GeneralSecurityException("its private key cannot be decrypted; is tlsKeyPassword right?", e);
        } finally {
            spec.clearPassword();
            Arrays.fill(characters, '\0');
        }
    }

    private static List<Block> blocks(Path file) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }
}
