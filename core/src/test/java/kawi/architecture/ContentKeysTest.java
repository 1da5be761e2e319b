package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ContentKeysTest {

    @Test
    void keysOfAnyNumberOfRowsInAnyPieces() {
        try (Arena arena = Arena.ofConfined()) {
            long[] all = LongStream.range(0, 5000).map(i -> i * i - 7).toArray();
            ContentKeys keys = new ContentKeys(arena);
            int row = 0;
            for (int count : new int[] {1, 1000, 23, 1, 2500, 1475}) {
                keys.set(row, all, row, count);
                row += count;
            }
            assertEquals(all.length, row);
            ContentKeys copy = new ContentKeys(arena);
            copy.assign(keys, 2049);
            for (int i = 0; i < all.length; i++) {
                assertEquals(all[i], keys.get(i));
                if (i < 2049) {
                    assertEquals(all[i], copy.get(i));
                }
            }
            keys.set(3000, all, 0, 100);
            assertEquals(all[5], keys.get(3005));
            assertEquals(all[3100], keys.get(3100));
        }
    }
}
