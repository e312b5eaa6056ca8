package org.etcdjakarta.itests.benchmark;

import java.util.Locale;

/** One place in the table: all clients are compared within it, and never across. */
record Cell(Operation operation, int callers, ThreadKind threads) {

    Cell {
        if (callers < 1) {
            throw new IllegalArgumentException("callers: " + callers + "; allowed: 1 and more");
        }
    }

    /** What {@link #toString} printed. */
    static Cell parse(String text) {
        String[] words = text.split(" ", -1);
        if (words.length != 3) {
            throw new IllegalArgumentException("no cell: \"" + text + "\"; allowed: as \"put 64 platform\"");
        }
        return new Cell(
                Operation.valueOf(words[0].toUpperCase(Locale.ROOT)),
                Integer.parseInt(words[1]),
                ThreadKind.valueOf(words[2].toUpperCase(Locale.ROOT)));
    }

    @Override
    public String toString() {
        return operation + " " + callers + " " + threads;
    }
}
