package org.etcdjakarta.core.link;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/** As much of ASN.1 as it takes to put a private key of the older forms into PKCS#8, which is all that Java reads. */
final class Der {

    private static final int INTEGER = 0x02;
    private static final int OCTET_STRING = 0x04;
    private static final int SEQUENCE = 0x30;
    private static final int PARAMETERS = 0xA0;

    private static final byte[] VERSION_0 = {INTEGER, 1, 0};

    /** rsaEncryption (1.2.840.113549.1.1.1) with the parameter NULL. */
    private static final byte[] RSA = {
        SEQUENCE, 13, 6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1, 5, 0
    };

    /** id-ecPublicKey (1.2.840.10045.2.1). */
    private static final byte[] EC = {6, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private Der() {}

    static byte[] pkcs8OfRsa(byte[] pkcs1) {
        return element(SEQUENCE, VERSION_0, RSA, element(OCTET_STRING, pkcs1));
    }

    /** The curve is inside the key; PKCS#8 wants it outside. */
    static byte[] pkcs8OfEc(byte[] sec1) throws GeneralSecurityException {
        byte[] algorithm = element(SEQUENCE, EC, curve(sec1));
        return element(SEQUENCE, VERSION_0, algorithm, element(OCTET_STRING, sec1));
    }

    private static byte[] curve(byte[] sec1) throws GeneralSecurityException {
        ByteBuffer key = ByteBuffer.wrap(sec1);
        try {
            if (header(key)[0] == SEQUENCE) {
                while (key.hasRemaining()) {
                    int[] part = header(key);
                    byte[] content = new byte[part[1]];
                    key.get(content);
                    if (part[0] == PARAMETERS) {
                        return content;
                    }
                }
            }
        } catch (RuntimeException e) {
            throw new GeneralSecurityException("its EC private key is damaged", e);
        }
        throw new GeneralSecurityException(
                "its EC private key does not name its curve; convert it with openssl pkcs8" + " -topk8 -nocrypt");
    }

    /** Tag and length. */
    private static int[] header(ByteBuffer from) {
        int tag = from.get() & 0xFF;
        int length = from.get() & 0xFF;
        if (length > 0x7F) {
            int bytes = length & 0x7F;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = (length << 8) | (from.get() & 0xFF);
            }
        }
        return new int[] {tag, length};
    }

    private static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        if (length > 0x7F) {
            int bytes = length > 0xFFFF ? 3 : length > 0xFF ? 2 : 1;
            element.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                element.write(length >> (8 * i));
            }
        } else {
            element.write(length);
        }
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }
}
