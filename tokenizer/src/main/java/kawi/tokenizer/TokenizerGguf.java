package kawi.tokenizer;

import java.util.List;

/**
 * The tokenizer of a GGUF file, from its metadata arrays. Types of tokens are those of {@code llama_token_type} in
 * llama.cpp, which also recognises unknown tokens in text and leaves them out of it like control tokens.
 */
final class TokenizerGguf {

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final String MERGES = "tokenizer.ggml.merges";

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private TokenizerGguf() {}

    static Tokenizer read(
            String name, String model, String pre, List<String> tokens, int[] types, List<String> merges) {
        if (!model.equals("gpt2")) {
            throw new TokenizerException("%s: tokenizer.ggml.model is %s, but only gpt2 (byte-level BPE) is supported"
                    .formatted(name, TokenizerException.quote(model)));
        }
        var preTokenizer = PreTokenizer.ofGgufName(pre)
                .orElseThrow(
                        () -> new TokenizerException("%s: tokenizer.ggml.pre is %s, but only these are supported: %s"
                                .formatted(name, TokenizerException.quote(pre), PreTokenizer.names())));
        if (types.length != tokens.size()) {
            throw new TokenizerException(
                    "%s: %s has %d entries, but %s has %d".formatted(name, TYPES, types.length, TOKENS, tokens.size()));
        }
        var vocabulary = new VocabularyBuilder(name, TOKENS, tokens.size());
        for (int id = 0; id < types.length; id++) {
            String token = tokens.get(id);
            switch (types[id]) {
                case NORMAL -> vocabulary.ordinary(id, token);
                case CONTROL, UNKNOWN -> vocabulary.added(new AddedToken(id, token, true), TOKENS);
                case USER_DEFINED -> vocabulary.added(new AddedToken(id, token, false), TOKENS);
                case UNUSED -> vocabulary.unused();
                default ->
                    throw new TokenizerException("%s: %s[%d] is %d; a byte-level vocabulary has types 1 to 5"
                            .formatted(name, TYPES, id, types[id]));
            }
        }
        var list = new Merges.Builder(name, MERGES, merges.size());
        merges.forEach(list::add);
        var built = vocabulary.build();
        return new Tokenizer(built, list.build(built), new AddedTokens(vocabulary.addedTokens()), preTokenizer, true);
    }
}
