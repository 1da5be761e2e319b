package kawi.vision;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Identifies what a vision tower encodes, by the pixels: the same picture is recognized in any file and any
 * conversation, and two different pictures of the same size are never confused.
 *
 * @param digest SHA-256 of the sizes and the pixels, in hexadecimal
 * @param rows the rows of the encoded image, of {@code columns} tokens each
 */
public record ImageContent(String digest, int rows, int columns) {

    private static final int DIGEST_CHARACTERS = 64;

    /** The maximum number of rows or columns; sizes in saved files are checked against it. */
    private static final int MAX_SIDE = 1 << 15;

    /** @throws IllegalArgumentException if the digest or the sizes cannot be those of an image */
    public ImageContent {
        if (digest.length() != DIGEST_CHARACTERS || !digest.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("%s is not a SHA-256 digest".formatted(digest));
        }
        if (rows < 1 || rows > MAX_SIDE || columns < 1 || columns > MAX_SIDE) {
            throw new IllegalArgumentException("an image of %d x %d tokens".formatted(rows, columns));
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** The number of tokens whose place the image takes. */
    public int tokens() {
        return rows * columns;
    }

    /** The number of positions that the image takes on each axis; text after it continues there. */
    public int positions() {
        return Math.max(rows, columns);
    }

    /** The content key of each row of the text, see {@link kawi.architecture.Batch}; never that of a token. */
    public long key(int token) {
        long mixed = (HexFormat.fromHexDigitsToLong(digest, 0, 16) + token) * 0x9E3779B97F4A7C15L;
        return (mixed ^ mixed >>> 29) | Long.MIN_VALUE;
    }
}
