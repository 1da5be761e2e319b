package kawi.tokenizer;

/**
 * A token that stands beside the byte-pair vocabulary and is written in text as itself, such as {@code <|im_start|>}.
 *
 * @param id its token id
 * @param text how it is written
 * @param special whether decoding may leave it out: control tokens are special, {@code <think>} is not
 */
public record AddedToken(int id, String text, boolean special) {}
