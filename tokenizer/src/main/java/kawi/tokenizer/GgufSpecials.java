package kawi.tokenizer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that a GGUF file says are added before and after a text.
 *
 * @param beginning {@code tokenizer.ggml.bos_token_id}, or -1
 * @param addsBeginning {@code tokenizer.ggml.add_bos_token}; if null, the pre-tokenizer decides
 * @param end {@code tokenizer.ggml.eos_token_id}, or -1
 * @param addsEnd {@code tokenizer.ggml.add_eos_token}; if null, the token is not added
 */
public record GgufSpecials(
        int beginning,
        @Nullable Boolean addsBeginning,
        int end,
        @Nullable Boolean addsEnd) {

    /** Nothing is added. */
    public static final GgufSpecials NONE = new GgufSpecials(-1, false, -1, false);

    Affixes affixes(PreTokenizerFamily family) {
        boolean before = beginning >= 0 && (addsBeginning == null ? family.addsBeginning() : addsBeginning);
        boolean after = end >= 0 && Boolean.TRUE.equals(addsEnd);
        return new Affixes(before ? List.of(beginning) : List.of(), after ? List.of(end) : List.of());
    }
}
