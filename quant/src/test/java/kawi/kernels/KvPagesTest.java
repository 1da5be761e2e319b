package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and values that grow, are shared and are truncated. */
class KvPagesTest {

    private static final KvLayout LAYOUT = new KvLayout(2, 3, 5, KvFormat.F16, KvFormat.F32);

    private final Arena arena = Arena.ofShared();
    private final PagePool pool = new PagePool();

    @AfterEach
    void close() {
        pool.close();
        arena.close();
    }

    /** Stores numbers that tell the position, and who stored them, at positions {@code [from, to)}. */
    private void store(KvPages kv, int from, int to, int who) {
        kv.reserve(to);
        MemorySegment key = arena.allocate(LAYOUT.keyDim() * 4L, 64);
        MemorySegment value = arena.allocate(LAYOUT.valueDim() * 4L, 64);
        for (int position = from; position < to; position++) {
            for (int head = 0; head < LAYOUT.kvHeads(); head++) {
                for (int d = 0; d < LAYOUT.keyDim(); d++) {
                    key.setAtIndex(JAVA_FLOAT, d, (position + head + d + who) % 2048);
                }
                for (int d = 0; d < LAYOUT.valueDim(); d++) {
                    value.setAtIndex(JAVA_FLOAT, d, position * 16 + head * 8 + d + who * 1e6f);
                }
                kv.store(position, head, key, 0, value, 0);
            }
        }
    }

    private static void assertSame(KvPages expected, KvPages actual, int positions) {
        assertArrayEquals(expected.keys(positions), actual.keys(positions));
        assertArrayEquals(expected.values(positions), actual.values(positions));
    }

    private KvPages filled(int positions, int who) {
        KvPages kv = new KvPages(LAYOUT, pool);
        store(kv, 0, positions, who);
        return kv;
    }

    @Test
    void aPageHoldsKeysAndValuesOfTheirOwnSizes() {
        assertEquals(2 * 256 * (3 * 2 + 5 * 4) + 64, LAYOUT.pageBytes()); // 11 floats are read after the last value
        assertEquals(11 * 4, LAYOUT.readAfterValues());
        KvLayout whole = new KvLayout(2, 3, 16, KvFormat.F16, KvFormat.F32);
        assertEquals(2 * 256 * (3 * 2 + 16 * 4), whole.pageBytes());
        assertEquals(256 * 3 * 2, LAYOUT.valuesAt(0));
        KvPages kv = filled(600, 0);
        assertEquals(3 * LAYOUT.pageBytes(), pool.bytes());
        assertEquals((599 + 1 + 2) % 2048, kv.keys(600)[(600 + 599) * 3 + 2]);
        assertEquals(300 * 16 + 8 + 4, kv.values(600)[(600 + 300) * 5 + 4]);
        kv.close();
        assertEquals(0, pool.bytes());
    }

    /** Within a page, to its first position, into a full one, and across several. */
    @ParameterizedTest
    @ValueSource(ints = {595, 590, 513, 512, 511, 300, 256, 1, 0})
    void whatIsTakenBackWasNeverThere(int kept) {
        KvPages other = new KvPages(LAYOUT, pool);
        KvPages original = filled(600, 0);
        other.assign(original, 600);
        other.takeBack(kept);
        store(other, kept, 700, 1);
        KvPages expected = filled(kept, 0);
        store(expected, kept, 700, 1);
        assertSame(expected, other, 700);
        assertSame(filled(600, 0), original, 600);
    }

    @Test
    void aPageIsSharedUntilSomebodyWritesToIt() {
        KvPages original = filled(512, 0);
        KvPages copy = new KvPages(LAYOUT, pool);
        copy.assign(original, 512);
        assertEquals(2 * LAYOUT.pageBytes(), pool.bytes());
        copy.takeBack(512);
        assertEquals(2 * LAYOUT.pageBytes(), pool.bytes());
        copy.takeBack(300);
        assertEquals(3 * LAYOUT.pageBytes(), pool.bytes());
        original.close();
        // The first page is still held.
        assertEquals(2 * LAYOUT.pageBytes(), pool.bytes());
        assertSame(filled(300, 0), copy, 300);
        // There is no other user now, so nothing is copied.
        copy.takeBack(100);
        copy.takeBack(0);
        copy.close();
        pool.close();
        assertEquals(0, pool.bytes());
    }

    /** If memory runs out, both sequences are unchanged. */
    @Test
    void aCopyThatFailsChangesNothing() {
        int[] left = {5};
        PagePool scarce = new PagePool(
                (owner, bytes) -> {
                    if (left[0]-- == 0) {
                        throw new OutOfMemoryError("no more");
                    }
                    return owner.allocate(bytes, 64);
                },
                0);
        KvPages kv = new KvPages(LAYOUT, scarce);
        store(kv, 0, 600, 0);
        KvPages other = new KvPages(LAYOUT, scarce);
        store(other, 0, 300, 1);
        assertThrows(OutOfMemoryError.class, () -> other.assign(kv, 600));
        assertSame(filled(300, 1), other, 300);
        assertSame(filled(600, 0), kv, 600);
        left[0] = 1;
        other.assign(kv, 600);
        assertSame(kv, other, 600);
        left[0] = 0;
        assertThrows(OutOfMemoryError.class, () -> other.takeBack(100));
        assertSame(kv, other, 600);
        scarce.close();
    }

    /** What is handed over for the same length is the same memory in the same order. */
    @Test
    void memoryIsHandedOverInOrder() {
        KvPages kv = filled(300, 0);
        KvPages copy = new KvPages(LAYOUT, pool);
        copy.reserve(300);
        MemorySegment file = arena.allocate(2 * LAYOUT.pageBytes(), 64);
        long[] at = {0};
        kv.forEach(300, memory -> {
            file.asSlice(at[0], memory.byteSize()).copyFrom(memory);
            at[0] += memory.byteSize();
        });
        assertEquals(LAYOUT.pageBytes() + 44L * 2 * (3 * 2 + 5 * 4), at[0]);
        at[0] = 0;
        copy.forEach(300, memory -> {
            memory.copyFrom(file.asSlice(at[0], memory.byteSize()));
            at[0] += memory.byteSize();
        });
        assertSame(kv, copy, 300);
    }
}
