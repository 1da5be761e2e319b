package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import kawi.architecture.Batch;
import kawi.vision.ImageContent;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Positions, prefixes and keys of texts with images, against the definitions, row by row. */
class TokenTextPropertyTest {

    private static final int PAD = 99;

    /** A text that is built row by row: an id, a position on each axis, and what identifies the row. */
    private static final class Rows {
        private final List<Integer> ids = new ArrayList<>();
        private final List<int[]> positions = new ArrayList<>();
        private final List<String> identities = new ArrayList<>();
        private final List<Integer> starts = new ArrayList<>();
        private final List<ImageContent> contents = new ArrayList<>();
        private int next;

        void token(int id) {
            ids.add(id);
            positions.add(new int[] {next, next, next});
            identities.add("token " + id);
            next++;
        }

        void image(ImageContent content) {
            starts.add(ids.size());
            contents.add(content);
            for (int row = 0; row < content.rows(); row++) {
                for (int column = 0; column < content.columns(); column++) {
                    ids.add(PAD);
                    positions.add(new int[] {next, next + row, next + column});
                    identities.add(content + " " + row + " " + column);
                }
            }
            next += Math.max(content.rows(), content.columns());
        }

        TokenText text() {
            return TokenText.of(
                    ids.stream().mapToInt(Integer::intValue).toArray(),
                    starts.stream().mapToInt(Integer::intValue).toArray(),
                    contents);
        }
    }

    private static Rows random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Rows rows = new Rows();
        int parts = random.nextInt(0, 7);
        for (int i = 0; i < parts; i++) {
            if (random.nextBoolean()) {
                int height = random.nextInt(1, 4);
                int width = random.nextInt(1, 5);
                // as a digest of the sizes and the pixels
                String digest =
                        "%d%d%d0".formatted(random.nextInt(2), height, width).repeat(16);
                rows.image(new ImageContent(digest, height, width));
            } else {
                for (int j = random.nextInt(1, 5); j > 0; j--) {
                    rows.token(random.nextInt(0, 3) == 0 ? PAD : random.nextInt(0, 3));
                }
            }
        }
        return rows;
    }

    @Property(tries = 300)
    void positionsFollowTheDefinition(@ForAll long seed) {
        Rows rows = random(seed);
        TokenText text = rows.text();
        assertEquals(rows.next, text.nextPosition());
        int imageTokens = 0;
        for (ImageSpan image : text.images()) {
            int count = image.end() - image.start();
            imageTokens += count;
            for (int first = 0; first < count; first++) {
                int[] positions = image.positions(first, count - first);
                for (int i = first; i < count; i++) {
                    assertArrayEquals(
                            rows.positions.get(image.start() + i),
                            Arrays.copyOfRange(positions, (i - first) * Batch.AXES, (i - first + 1) * Batch.AXES));
                }
            }
        }
        assertEquals(imageTokens, text.imageTokens());
        for (int length = 0; length <= text.length(); length++) {
            int largest = rows.positions.subList(0, length).stream()
                    .flatMapToInt(Arrays::stream)
                    .max()
                    .orElse(-1);
            assertEquals(largest + 1, text.prefix(length).nextPosition(), "after " + length);
        }
    }

    @Property(tries = 300)
    void textsAreEqualAsFarAsTheirRowsAre(@ForAll long seed, @ForAll long otherSeed) {
        Rows rows = random(seed);
        Rows others = random(otherSeed);
        TokenText text = rows.text();
        TokenText other = others.text();
        for (int length = 0; length <= Math.min(text.length(), other.length()); length++) {
            boolean same = rows.identities.subList(0, length).equals(others.identities.subList(0, length))
                    && starts(rows, length).equals(starts(others, length));
            assertEquals(same, text.startsWith(other.prefix(length)));
        }
        long[] keys = text.keys();
        for (int i = 0; i < keys.length; i++) {
            for (int j = 0; j < i; j++) {
                assertEquals(rows.identities.get(i).equals(rows.identities.get(j)), keys[i] == keys[j]);
            }
        }
    }

    private static List<Integer> starts(Rows rows, int length) {
        return rows.starts.stream().filter(start -> start < length).toList();
    }

    @Property(tries = 200)
    void aTextCanBeContinued(@ForAll long seed, @ForAll long moreSeed) {
        Rows rows = random(seed);
        Rows more = random(moreSeed);
        TokenText joined = rows.text()
                .plus(
                        more.text().ids(),
                        more.starts.stream().mapToInt(Integer::intValue).toArray(),
                        more.contents);
        int at = 0;
        while (at < more.ids.size()) {
            int image = more.starts.indexOf(at);
            if (image < 0) {
                rows.token(more.ids.get(at));
                at++;
            } else {
                rows.image(more.contents.get(image));
                at += more.contents.get(image).tokens();
            }
        }
        assertEquals(rows.text().images(), joined.images());
        assertArrayEquals(rows.text().ids(), joined.ids());
        assertEquals(rows.next, joined.nextPosition());
    }
}
