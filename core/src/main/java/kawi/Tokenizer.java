package kawi;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Converts text to token ids and back, as defined by a model's files; see {@link Model#tokenizer()}. Tokenizers are
 * safe for use by multiple threads.
 *
 * <p>{@link #encode} is for untrusted text: the result never contains added tokens such as {@code <|im_start|>}.
 * {@link #encodeWithSpecials} recognizes all of them.
 */
public interface Tokenizer {

    /**
     * Reads a tokenizer from a file of its own.
     *
     * @param file a {@code tokenizer.json}; compressed with gzip if its name ends in {@code .gz}
     * @throws ModelFileException if the file cannot be read, is damaged, or is of an unsupported kind
     */
    static Tokenizer load(Path file) {
        return Engine.provider().tokenizer(file);
    }

    /** Encodes {@code text} as ordinary text: added tokens are not recognized. */
    int[] encode(String text);

    /**
     * Encodes {@code text} and recognizes added tokens, the leftmost first, and the longest of several that begin at
     * the same position. If the model's files say that tokens are added before or after a text, such as one for its
     * beginning, the result has them.
     */
    int[] encodeWithSpecials(String text);

    /**
     * Decodes {@code ids}. Bytes that are not valid UTF-8 are replaced by U+FFFD.
     *
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    default String decode(int[] ids) {
        return decode(ids, false);
    }

    /**
     * Decodes {@code ids}.
     *
     * @param skipSpecial whether to omit special tokens
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    String decode(int[] ids, boolean skipSpecial);

    /** Returns a decoder for a stream of ids; see {@link #decode(int[], boolean)} for {@code skipSpecial}. */
    StreamDecoder decoder(boolean skipSpecial);

    /** Returns the highest id of a token plus 1. A model may have more rows, as padding. */
    int vocabularySize();

    /**
     * Returns the id of a token; empty if there is no such token.
     *
     * @param token the text of an added token, or an ordinary token in the byte alphabet of tokenizer files:
     *     {@code Ġthe} for " the"
     */
    OptionalInt id(String token);

    /**
     * Returns the bytes of a token, which are often not a complete character; empty if no token has this id.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    byte[] bytes(int id);

    /**
     * Returns the text of a token for display: incomplete characters are replaced by U+FFFD.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    String text(int id);

    /**
     * The name of the rules by which text is split before the vocabulary is applied, as in GGUF files: {@code qwen35},
     * {@code qwen2}, {@code llama-bpe} and others, or {@code custom} if GGUF has no name for them.
     */
    String preTokenizer();

    /**
     * The texts of the added tokens, such as {@code <|im_start|>}, by id in ascending order: the tokens that
     * {@link #encodeWithSpecials} recognizes and {@link #encode} does not.
     */
    Map<Integer, String> addedTokens();

    /** Returns whether the id is that of a special token, which decoding can omit. */
    boolean isSpecial(int id);

    /** Returns whether no token has this id: a gap or padding, which a model does not generate. */
    boolean isUnused(int id);

    /**
     * Decodes token ids one at a time, returning only complete characters. Decoders are not safe for use by multiple
     * threads.
     */
    interface StreamDecoder {

        /**
         * Decodes the next token.
         *
         * @return the text that this token completes; often empty
         * @throws IllegalArgumentException if the id is outside the vocabulary
         */
        String feed(int id);

        /**
         * Ends the text: an incomplete character is returned as U+FFFD. The decoder can then be used for another text.
         */
        String finish();
    }
}
