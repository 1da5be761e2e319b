/**
 * Text to token ids and back, exactly as Qwen3.5 (and Qwen2/Qwen3) files define it.
 *
 * <p>{@link kawi.tokenizer.Tokenizer} is the door: made from a {@code tokenizer.json} or from the arrays of a GGUF
 * file, immutable, safe to share among threads. The way of a text through the rooms behind it:
 *
 * <ol>
 *   <li>{@code AddedTokens} finds tokens such as {@code <|im_start|>}, where the caller asked for that; {@code Shield}
 *     is the escape that keeps user text from being taken for one.
 *   <li>{@code Nfc} brings what is left to Unicode normal form C.
 *   <li>{@code PreTokenizer} cuts it into pieces: words, digits, punctuation, white space.
 *   <li>{@code BytePairMerger} merges the UTF-8 bytes of each piece into tokens, by {@code Vocabulary} and {@code
 *     Merges}.
 * </ol>
 *
 * <p>The way back is {@link kawi.tokenizer.StreamDecoder}, one token at a time. {@code TokenizerJson} and {@code
 * TokenizerGguf} read the two file formats.
 */
@NullMarked
package kawi.tokenizer;

import org.jspecify.annotations.NullMarked;
