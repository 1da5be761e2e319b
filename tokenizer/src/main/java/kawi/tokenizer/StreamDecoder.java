package kawi.tokenizer;

/**
 * Token ids to text, one at a time, as a model produces them.
 *
 * <p>Tokens are bytes, and a character may be spread over several. {@link #feed} returns what is complete, so that the
 * parts, shown one after the other, never show half a character, and together with {@link #finish} are what {@link
 * Tokenizer#decode(int[], boolean)} says for all ids. Not for use by several threads at once.
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
     * Takes the next token.
     *
     * @return the text that is complete with it and was not before; often empty, never half a character
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    public String feed(int id) {
        append(id);
        return take();
    }

    /** Ends the text: a character that was begun and never completed becomes U+FFFD. The decoder is then as new. */
    public String finish() {
        decoder.finish(text);
        return take();
    }

    /** {@link #feed} for many, without handing the text out. */
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
