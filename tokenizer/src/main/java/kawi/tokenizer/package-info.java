/**
 * Converts text to token ids and back, exactly as defined by the tokenizer files of Qwen3.5 (and Qwen2 and Qwen3).
 *
 * <p>{@link kawi.tokenizer.Tokenizer} is the main class: it is created from a {@code tokenizer.json} or from the
 * metadata of a GGUF file, immutable, and safe for use by multiple threads. Encoding has four steps:
 *
 * <ol>
 *   <li>{@code AddedTokens} finds tokens such as {@code <|im_start|>}, if the caller requests it; {@code Shield}
 *     escapes user text so that no part of it is recognized as such a token.
 *   <li>{@code Nfc} normalizes the text between these tokens to Unicode normalization form C.
 *   <li>{@code PreTokenizer} splits it into pieces: words, digits, punctuation and white space.
 *   <li>{@code BytePairMerger} merges the UTF-8 bytes of each piece into tokens, using {@code Vocabulary} and
 *     {@code Merges}.
 * </ol>
 *
 * <p>{@link kawi.tokenizer.StreamDecoder} decodes one token at a time. {@code TokenizerJson} and {@code TokenizerGguf}
 * read the two file formats.
 */
@NullMarked
package kawi.tokenizer;

import org.jspecify.annotations.NullMarked;
