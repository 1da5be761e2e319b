package kawi.quality;

/**
 * Tokens divided into chunks, of each of which the second half is scored. The logits after the tokens {@code first} to
 * {@code contextLength - 2} of a chunk predict the tokens that follow them, so the last token of a chunk is never
 * evaluated, and the first half is context only.
 *
 * @param contextLength the number of tokens of a chunk
 * @param count the number of chunks
 * @param tokens [count, contextLength]
 */
public record Chunks(int contextLength, int count, int[] tokens) {

    /** The minimum number of tokens of a chunk, of which one is scored. */
    public static final int MIN_CONTEXT = 4;

    /** The index in a chunk of the first token whose logits are needed. */
    public int first() {
        return contextLength / 2;
    }

    /** The number of rows of logits of each chunk, which is that of scored tokens. */
    public int rows() {
        return rows(contextLength);
    }

    static int rows(int contextLength) {
        return contextLength - 1 - contextLength / 2;
    }

    /** The index in {@link #tokens} of a chunk. */
    public int start(int chunk) {
        return chunk * contextLength;
    }
}
