/**
 * Converts text to token ids and back, exactly as defined by the files of a byte-level BPE tokenizer, such as those of
 * Qwen3.5, Llama 3 or GPT-2.
 *
 * <p>{@link kawi.tokenizer.Tokenizer} is the main class: it is created from a {@code tokenizer.json} or from the
 * metadata of a GGUF file, immutable, and safe for use by multiple threads. Encoding has four steps:
 *
 * <ol>
 *   <li>{@code AddedTokens} finds tokens such as {@code <|im_start|>}, if the caller requests it. In a prompt that a
 *     chat template rendered, {@code OriginText} tells which characters the template wrote, and tokens are found in
 *     these only.
 *   <li>{@code Normalization} normalizes the text between these tokens, mostly to Unicode normalization form C; added
 *     tokens with the flag {@code normalized} are then found in the normalized text.
 *   <li>{@code PreTokenizer} splits it into pieces: words, digits, punctuation and white space.
 *   <li>{@code BytePairMerger} merges the UTF-8 bytes of each piece into tokens, using {@code Vocabulary} and
 *     {@code Merges}.
 * </ol>
 *
 * <p>{@link kawi.tokenizer.StreamDecoder} decodes one token at a time. {@code TokenizerJson}, with
 * {@code PipelineJson}, and {@code TokenizerGguf} read the two file formats.
 *
 * <h2>What files may contain</h2>
 *
 * <p>The rule: a file is read for what it does, in every spelling in which the Hugging Face <i>tokenizers</i> library
 * (0.13 to 0.23) and thus <i>transformers</i> 4 and 5 save it. The result is then that of the library, id for id;
 * anything else is rejected with a message that names the file, the key and what was found.
 *
 * <ul>
 *   <li>Normalizers: NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip, ByteLevel, sequences of these, none.
 *   <li>Pre-tokenizers: Split by strings or expressions, with all behaviors, Digits, Punctuation, Whitespace,
 *     WhitespaceSplit, ByteLevel with all options, sequences of these. {@code OnigurumaSyntax} says which expressions.
 *   <li>Post-processors: those that add nothing, and those that add tokens before and after a text; these are added
 *     where the library's {@code encode} does, which is not the case for a rendered chat template.
 *   <li>Models: merges as strings or pairs, merges ignored, an unknown token; ids may have gaps.
 *   <li>Added tokens: all flags, and words that are in the vocabulary too.
 *   <li>GGUF: {@code PreTokenizerFamily} lists the names of pre-tokenizers.
 * </ul>
 *
 * <p>Deliberate differences from the library: an added token is decoded to its text, and not to bytes of the same
 * number as its characters; bytes that a vocabulary lacks are an error if there is no unknown token, and not omitted;
 * ids that contradict each other are an error, and not renumbered; merging never yields a special token of several
 * bytes, so that ordinary text cannot contain a control token.
 */
@NullMarked
package kawi.tokenizer;

import org.jspecify.annotations.NullMarked;
