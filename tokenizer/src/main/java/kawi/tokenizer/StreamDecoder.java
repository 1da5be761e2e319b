package kawi.tokenizer;

/**
 * Decodes token ids to text incrementally.
 *
 * <p>Tokens are sequences of bytes, and the bytes of one character may belong to several tokens. {@link #feed} returns
 * only complete characters. The concatenation of its results and the result of {@link #finish} is equal to the result
 * of {@link Tokenizer#decode(int[], boolean)} for all ids. Instances are not safe for use by multiple threads.
 */
public final class StreamDecoder {

    private final Tokenizer tokenizer;
    private final boolean skipSpecial;
    private final Utf8Decoder decoder = new Utf8Decoder();
    private final StringBuilder text = new StringBuilder();

    StreamDecoder(Tokenizer tokenizer, boolean skipSpecial) {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
    }

    /**
     * Decodes the next token.
     *
     * @return the text that this token completes, which may be empty; never part of a character
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    public String feed(int id) {
        append(id);
        return take();
    }

    /**
     * Ends the text and resets the decoder. Returns U+FFFD if the last character is incomplete, or else the empty
     * string.
     */
    public String finish() {
        decoder.finish(text);
        return take();
    }

    /** Decodes the next token as {@link #feed} does, but keeps the text until the next call. */
    void append(int id) {
        tokenizer.decode(id, skipSpecial, decoder, text);
    }

    private String take() {
        if (text.isEmpty()) {
            return "";
        }
        String complete = text.toString();
        text.setLength(0);
        return complete;
    }
}
