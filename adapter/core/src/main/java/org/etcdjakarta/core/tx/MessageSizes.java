package org.etcdjakarta.core.tx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;

/** How many bytes a part takes in the message that it is a part of, so that sizes can be added up instead of serialized. */
final class MessageSizes {

    /** One byte of tag: the numbers of all fields in question are below 16. */
    private static final int TAG = 1;

    private MessageSizes() {}

    static long field(MessageLite message) {
        int size = message.getSerializedSize();
        return TAG + CodedOutputStream.computeUInt32SizeNoTag(size) + (long) size;
    }
}
