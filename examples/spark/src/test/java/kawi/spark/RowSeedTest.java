package kawi.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The expected values were computed with Python 3.12:
 *
 * <pre>
 *    d = hashlib.sha256(struct.pack('>q', seed))
 *    for b in key: d.update(struct.pack('>i', len(b))); d.update(b)
 *    struct.unpack('>q', d.digest()[:8])
 * </pre>
 */
class RowSeedTest {

    @Test
    void isTheDocumentedDigest() {
        assertEquals(-5812615543772869766L, RowSeed.of(0, List.of()));
        assertEquals(-298652386060860706L, RowSeed.of(7, List.of("42")));
        assertEquals(7454468591439307755L, RowSeed.of(-1, List.of("é", "b")));
    }

    @Test
    void keepsTheColumnsOfAKeyApart() {
        assertEquals(8088732133060049090L, RowSeed.of(0, List.of("ab", "c")));
        assertEquals(-4300505878562625182L, RowSeed.of(0, List.of("a", "bc")));
    }
}
