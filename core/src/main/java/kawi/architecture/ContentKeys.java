package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The content keys of a sequence's rows, off heap, in pieces that are never moved, so that appending rows creates no
 * garbage.
 */
final class ContentKeys {

    /** Keys per piece. */
    private static final int PIECE = 1024;

    private final Arena arena;
    private final List<MemorySegment> pieces = new ArrayList<>();

    /** Creates an empty list, whose keys are allocated from {@code arena}. */
    ContentKeys(Arena arena) {
        this.arena = arena;
    }

    long get(int row) {
        return pieces.get(row / PIECE).getAtIndex(JAVA_LONG, row % PIECE);
    }

    /** Sets the keys of {@code count} rows from {@code row} on to those from index {@code from} on. */
    void set(int row, long[] keys, int from, int count) {
        reserve(row + count);
        for (int done = 0; done < count; ) {
            int at = (row + done) % PIECE;
            int part = Math.min(count - done, PIECE - at);
            MemorySegment piece = pieces.get((row + done) / PIECE);
            MemorySegment.copy(keys, from + done, piece, JAVA_LONG, (long) at * Long.BYTES, part);
            done += part;
        }
    }

    /** Becomes a copy of the first {@code rows} keys of {@code other}. */
    void assign(ContentKeys other, int rows) {
        reserve(rows);
        for (int piece = 0; piece * PIECE < rows; piece++) {
            pieces.get(piece).copyFrom(other.pieces.get(piece));
        }
    }

    private void reserve(int rows) {
        while (pieces.size() * PIECE < rows) {
            pieces.add(arena.allocate(JAVA_LONG, PIECE));
        }
    }
}
