package kawi.tokenizer;

/**
 * A token that is not part of the byte-pair vocabulary and is matched literally in text, such as {@code <|im_start|>}.
 *
 * @param id its token id
 * @param text its text
 * @param special whether decoding may omit it: control tokens are special, {@code <think>} is not
 */
public record AddedToken(int id, String text, boolean special) {}
