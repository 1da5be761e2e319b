package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.vision.ImageContent;

/**
 * A text as the model sees it: tokens, and images in the place of some of them. Caches recognize a text by both, since
 * all images have the same tokens.
 *
 * <pre>
 *    ids         12  262  260  260  260  260  263  13        260 is the placeholder of images
 *    images               |--- 2 x 2 ------|
 *    time         0    1    2    2    2    2    4   5        positions, which determine rotations only: an image
 *    height       0    1    2    2    3    3    4   5        has one for each row and each column
 *    width        0    1    2    3    2    3    4   5
 * </pre>
 *
 * Immutable; the array of ids must not be modified.
 */
final class TokenText {

    private final int[] ids;
    private final List<ImageSpan> images;

    private TokenText(int[] ids, List<ImageSpan> images) {
        this.ids = ids;
        this.images = images;
    }

    /** A text of tokens only. */
    static TokenText of(int... ids) {
        return new TokenText(ids, List.of());
    }

    /** A text with images that are there already; {@code images} are those of the text, or more. */
    static TokenText of(int[] ids, List<ImageSpan> images) {
        return new TokenText(ids, before(images, ids.length));
    }

    /**
     * A text with images.
     *
     * @param starts the index of the first token of each image, ascending
     * @throws IllegalArgumentException if images overlap, or exceed the text
     */
    static TokenText of(int[] ids, int[] starts, List<ImageContent> contents) {
        return TokenText.of(new int[0]).plus(ids, starts, contents);
    }

    /** This text, followed by another one whose images begin at {@code starts} there. */
    TokenText plus(int[] more, int[] starts, List<ImageContent> contents) {
        int[] all = Arrays.copyOf(ids, ids.length + more.length);
        System.arraycopy(more, 0, all, ids.length, more.length);
        List<ImageSpan> spans = new ArrayList<>(images);
        int end = ids.length;
        int position = nextPosition();
        for (int i = 0; i < starts.length; i++) {
            int start = ids.length + starts[i];
            if (start < end || (long) start + contents.get(i).tokens() > all.length) {
                throw new IllegalArgumentException("image %d of %d tokens at %d is not between %d and the end, %d"
                        .formatted(i, contents.get(i).tokens(), start, end, all.length));
            }
            ImageSpan span = new ImageSpan(start, position + start - end, contents.get(i));
            spans.add(span);
            end = span.end();
            position = span.nextPosition();
        }
        return new TokenText(all, List.copyOf(spans));
    }

    int[] ids() {
        return ids;
    }

    int length() {
        return ids.length;
    }

    /** The images, in order. */
    List<ImageSpan> images() {
        return images;
    }

    /** The number of tokens whose place images take. */
    int imageTokens() {
        return images.stream().mapToInt(image -> image.content().tokens()).sum();
    }

    /** The first {@code length} tokens. */
    TokenText prefix(int length) {
        return length == ids.length ? this : of(Arrays.copyOf(ids, length), images);
    }

    /** Whether this text begins with the whole of another one. */
    boolean startsWith(TokenText other) {
        return startsWith(other.ids, other.ids.length, other.images);
    }

    /** Whether this text begins with the first {@code length} tokens and the images there. */
    boolean startsWith(int[] ids, int length, List<ImageSpan> images) {
        return length <= this.ids.length
                && Arrays.mismatch(ids, 0, length, this.ids, 0, length) < 0
                && before(images, length).equals(before(this.images, length));
    }

    /** The images that begin before a token. */
    private static List<ImageSpan> before(List<ImageSpan> images, int length) {
        int count = images.size();
        while (count > 0 && images.get(count - 1).start() >= length) {
            count--;
        }
        return images.subList(0, count);
    }

    /** The position of the next token. */
    int nextPosition() {
        if (images.isEmpty()) {
            return ids.length;
        }
        ImageSpan last = images.getLast();
        return last.end() <= ids.length
                ? last.nextPosition() + ids.length - last.end()
                : last.nextPosition(ids.length - last.start());
    }

    /** The content keys of all tokens. */
    long[] keys() {
        long[] keys = new long[ids.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ids[i];
        }
        for (ImageSpan image : images) {
            for (int i = image.start(); i < Math.min(image.end(), keys.length); i++) {
                keys[i] = image.content().key(i - image.start());
            }
        }
        return keys;
    }
}
