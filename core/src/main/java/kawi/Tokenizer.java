package kawi;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Text to token ids and back, as a model's own file defines it; see {@link Model#tokenizer()}. Safe for use by several threads.
 *
 * <p>{@link #encode} is for text from anywhere: whatever it says, no control token such as {@code <|im_start|>} comes out.
 * {@link #encodeWithSpecials} recognises them all.
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

    /** The ids of {@code text} as ordinary text: control tokens in it are not recognised but spelled out. */
    int[] encode(String text);

    /** The ids of {@code text}, in which control tokens are recognised: leftmost first, of several at one place the longest. */
    int[] encodeWithSpecials(String text);

    /**
     * The text of {@code ids}. Bytes that are not UTF-8 become U+FFFD.
     *
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    default String decode(int[] ids) {
        return decode(ids, false);
    }

    /**
     * The text of {@code ids}.
     *
     * @param skipSpecial whether to leave out special tokens
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    String decode(int[] ids, boolean skipSpecial);

    /** A decoder for ids that come one at a time; see {@link #decode(int[], boolean)} for {@code skipSpecial}. */
    StreamDecoder decoder(boolean skipSpecial);

    /** One more than the highest id that belongs to a token. A model may have more rows than that, as padding. */
    int vocabularySize();

    /**
     * The id of one token.
     *
     * @param token a control token's text, or an ordinary token as files spell it, with a letter for each byte: {@code Ġthe} for " the"
     */
    OptionalInt id(String token);

    /**
     * The bytes that a token stands for, often no complete character; none if the id belongs to no token.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    byte[] bytes(int id);

    /**
     * A token's text for people to read: its bytes, with U+FFFD for what is no complete character.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    String text(int id);

    /** The name of the rule by which text is split before the vocabulary is applied: {@code qwen35} or {@code qwen2}. */
    String preTokenizer();

    /**
     * The texts of the added tokens, such as {@code <|im_start|>}, by id in ascending order: the tokens that {@link #encodeWithSpecials}
     * recognizes and {@link #encode} does not.
     */
    Map<Integer, String> addedTokens();

    /** Whether the id belongs to a special token, one that decoding may leave out. */
    boolean isSpecial(int id);

    /** Whether the id belongs to no token: a gap or padding, which a model does not produce. */
    boolean isUnused(int id);

    /** Token ids to text, one at a time, never showing half a character. For one thread. */
    interface StreamDecoder {

        /**
         * Takes the next token.
         *
         * @return the text that is complete with it and was not before; often empty
         * @throws IllegalArgumentException if the id is outside the vocabulary
         */
        String feed(int id);

        /** Ends the text: a character that was begun and never completed becomes U+FFFD. The decoder is then as new. */
        String finish();
    }
}
