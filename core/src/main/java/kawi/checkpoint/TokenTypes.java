package kawi.checkpoint;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import kawi.gguf.Metadata;
import kawi.tokenizer.TokenizerException;

/**
 * The types of the tokens of a GGUF file, as in {@code llama_token_type} of llama.cpp.
 *
 * <p>Some files do not have types, or give all tokens the same type, and then the control tokens of a prompt would be
 * read as ordinary text. In such files a token is an added one if no merge results in it, and if it looks like {@code
 * <|im_end|>} (a control token) or {@code </think>}. The vocabulary of Qwen3.5 also has two hundred ordinary tokens
 * that no merge results in, but none of them looks like that.
 */
final class TokenTypes {

    static final String MERGES = "tokenizer.ggml.merges";
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";

    /** Eight times as many as a vocabulary of a quarter of a million tokens has. */
    private static final int MAX_MERGES = 1 << 21;

    private static final Pattern TAG = Pattern.compile("</?[A-Za-z]\\w*>");

    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private TokenTypes() {}

    /**
     * The types in the file, or those that follow from the merges.
     *
     * @param file the name of the file, for messages
     */
    static int[] of(Metadata metadata, int tokens, String file) {
        if (metadata.has(TYPES)) {
            int[] types = metadata.ints(TYPES);
            if (types.length != tokens || !allNormal(types)) {
                return types;
            }
        }
        return metadata.has(MERGES)
                ? fromMerges(metadata.strings(TOKENS), metadata.strings(MERGES), file)
                : normal(tokens);
    }

    private static boolean allNormal(int[] types) {
        for (int type : types) {
            if (type != NORMAL) {
                return false;
            }
        }
        return true;
    }

    private static int[] normal(int tokens) {
        int[] types = new int[tokens];
        Arrays.fill(types, NORMAL);
        return types;
    }

    private static int[] fromMerges(List<String> tokens, List<String> merges, String file) {
        if (merges.size() > MAX_MERGES) {
            throw new TokenizerException("%s: key %s is missing, and there are more than %d merges it could follow from"
                    .formatted(file, TYPES, MAX_MERGES));
        }
        Set<String> merged = HashSet.newHashSet(merges.size());
        for (String merge : merges) {
            merged.add(merge.replace(" ", ""));
        }
        int[] types = normal(tokens.size());
        if (merged.isEmpty()) {
            return types;
        }
        for (int id = 0; id < types.length; id++) {
            String token = tokens.get(id);
            int type = looks(token);
            if (type != NORMAL && !merged.contains(token)) {
                types[id] = type;
            }
        }
        return types;
    }

    private static int looks(String token) {
        if (token.startsWith("<|") && token.endsWith("|>")) {
            return CONTROL;
        }
        if (token.startsWith("[PAD") && token.endsWith("]")) {
            return UNUSED; // fills the vocabulary up to the rows of the embedding
        }
        return TAG.matcher(token).matches() ? USER_DEFINED : NORMAL;
    }
}
