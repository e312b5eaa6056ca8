package org.etcdjakarta.embedded.faults;

/** How a call goes on whose request was applied and whose answer is lost. */
public enum LostAnswer {
    /** It ends with UNAVAILABLE, as when the connection broke under it. */
    UNAVAILABLE,
    /** It never ends, unless its caller gives it up. */
    NEVER_ENDS,
    /** Its connection is cut, under all other calls and streams of that connection too. In process: as {@link #UNAVAILABLE}. */
    CONNECTION_CUT
}
