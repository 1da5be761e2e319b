package kawi.gguf;

import java.util.ArrayList;
import java.util.List;
import kawi.ModelFileException;
import kawi.json.JsonValue;
import kawi.tokenizer.AddedToken;
import kawi.tokenizer.Tokenizer;

/**
 * The vocabulary of a tokenizer in the form of GGUF metadata.
 *
 * @param pre the name of the pre-tokenizer
 * @param tokens ordinary tokens in the byte alphabet, added tokens unchanged
 * @param types ggml's {@code llama_token_type}
 * @param merges pairs of tokens, with a space between
 */
public record GgufVocabulary(String pre, List<String> tokens, List<Integer> types, List<String> merges) {

    /** The type of an ordinary token. */
    public static final int NORMAL = 1;

    /** The type of an added token that decoding may omit. */
    public static final int CONTROL = 3;

    /** The type of an added token that is part of the text. */
    public static final int USER_DEFINED = 4;

    private static final int UNUSED = 5;

    /**
     * Checks that a tokenizer can be described by metadata.
     *
     * @param size the number of tokens that the model has room for
     * @param file the name of the tokenizer's file, for messages
     */
    public static void check(Tokenizer tokenizer, int size, String file) {
        if (tokenizer.preTokenizer().equals("custom")) {
            throw new ModelFileException("%s: GGUF files have no name for its pre-tokenizer".formatted(file));
        }
        if (tokenizer.vocabularySize() > size) {
            throw new ModelFileException("%s has %,d tokens, but a model of this size has room for %,d"
                    .formatted(file, tokenizer.vocabularySize(), size));
        }
    }

    /**
     * The vocabulary of a {@code tokenizer.json}.
     *
     * @param tokenizer the tokenizer that has been read from it, and has all added tokens
     */
    public static GgufVocabulary ofJson(JsonValue json, Tokenizer tokenizer, int size) {
        List<String> merges = new ArrayList<>();
        for (JsonValue merge : json.path("model").path("merges").values()) {
            merges.add(
                    merge.isArray()
                            ? merge.path(0).stringValue() + " " + merge.path(1).stringValue()
                            : merge.stringValue());
        }
        return of(json.path("model").path("vocab"), merges, tokenizer, size);
    }

    /**
     * The vocabulary of a {@code vocab.json} and the lines of a {@code merges.txt}.
     *
     * @param ids the object with the id of each ordinary token
     * @param tokenizer the tokenizer that has been read from them, and has all added tokens
     */
    public static GgufVocabulary of(JsonValue ids, List<String> merges, Tokenizer tokenizer, int size) {
        List<String> tokens = new ArrayList<>(size);
        List<Integer> types = new ArrayList<>(size);
        pad(tokens, types, size);
        ids.properties().forEach(entry -> set(tokens, types, entry.getValue().intValue(), entry.getKey(), NORMAL));
        for (AddedToken token : tokenizer.addedTokens()) {
            set(tokens, types, token.id(), token.text(), token.special() ? CONTROL : USER_DEFINED);
        }
        return new GgufVocabulary(tokenizer.preTokenizer(), tokens, types, merges);
    }

    private static void set(List<String> tokens, List<Integer> types, int id, String text, int type) {
        tokens.set(id, text);
        types.set(id, type);
    }

    /** Adds unused tokens until there are {@code size} tokens. */
    public static void pad(List<String> tokens, List<Integer> types, int size) {
        while (tokens.size() < size) {
            tokens.add("[PAD%d]".formatted(tokens.size()));
            types.add(UNUSED);
        }
    }

    /** Adds the vocabulary to the metadata of a file. */
    public void putInto(GgufWriter file) {
        file.put("tokenizer.ggml.model", MetadataType.STRING, "gpt2")
                .put("tokenizer.ggml.pre", MetadataType.STRING, pre)
                .put("tokenizer.ggml.tokens", MetadataType.STRING, tokens)
                .put("tokenizer.ggml.token_type", MetadataType.INT32, types)
                .put("tokenizer.ggml.merges", MetadataType.STRING, merges);
    }
}
