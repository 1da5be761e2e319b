package kawi.tokenizer;

/**
 * A token that is matched literally in text, such as {@code <|im_start|>}. It need not be part of the byte-pair
 * vocabulary.
 *
 * @param id its token id
 * @param text its text
 * @param special whether decoding may omit it: control tokens are special, {@code <think>} is not
 * @param normalized whether it is searched for in the normalized text, in its own normalized form, instead of in the
 *     text as it is
 * @param singleWord whether it is recognized only if it neither follows nor precedes a character of a word
 * @param lstrip whether it includes the white space before it, which is not encoded
 * @param rstrip whether it includes the white space after it, which is not encoded
 */
public record AddedToken(
        int id, String text, boolean special, boolean normalized, boolean singleWord, boolean lstrip, boolean rstrip) {

    /** Creates a token that is searched for in the text as it is, anywhere, without the white space around it. */
    public AddedToken(int id, String text, boolean special) {
        this(id, text, special, false, false, false, false);
    }

    AddedToken withId(int other) {
        return new AddedToken(other, text, special, normalized, singleWord, lstrip, rstrip);
    }
}
