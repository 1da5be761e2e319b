package kawi.tokenizer;

/**
 * Creates the tokenizer of a GGUF file from its metadata. Token types are those of {@code llama_token_type} in
 * llama.cpp; as there, unknown tokens are treated like control tokens.
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

    static Tokenizer read(String name, String model, String pre, GgufStrings tokens, int[] types, GgufStrings merges) {
        if (!model.equals("gpt2")) {
            throw new TokenizerException("%s: tokenizer.ggml.model is %s, but only gpt2 (byte-level BPE) is supported"
                    .formatted(name, TokenizerException.quote(model)));
        }
        var preTokenizer = PreTokenizer.ofGgufName(pre)
                .orElseThrow(() -> new TokenizerException("%s: tokenizer.ggml.pre is %s, but only %s are supported"
                        .formatted(name, TokenizerException.quote(pre), PreTokenizer.names())));
        if (types.length != tokens.count()) {
            throw new TokenizerException("%s: %s has %d entries, but %s has %d"
                    .formatted(name, TYPES, types.length, TOKENS, tokens.count()));
        }
        var vocabulary = new VocabularyBuilder(name, TOKENS, tokens.count());
        byte[] bytes = tokens.bytes();
        int at = 0;
        for (int id = 0; id < types.length; id++) {
            int from = at + GgufStrings.LENGTH_BYTES;
            int to = from + tokens.lengthAt(at);
            at = to;
            switch (types[id]) {
                case NORMAL -> vocabulary.ordinary(id, bytes, from, to);
                case CONTROL, UNKNOWN -> vocabulary.added(added(vocabulary, id, bytes, from, to, true), TOKENS);
                case USER_DEFINED -> vocabulary.added(added(vocabulary, id, bytes, from, to, false), TOKENS);
                case UNUSED -> vocabulary.unused();
                default ->
                    throw new TokenizerException(
                            "%s: %s[%d] is %d, expected a type from 1 to 5".formatted(name, TYPES, id, types[id]));
            }
        }
        var built = vocabulary.build();
        var added = new AddedTokens(vocabulary.addedTokens());
        return new Tokenizer(built, merges(name, merges).build(built), added, preTokenizer, true);
    }

    private static AddedToken added(
            VocabularyBuilder vocabulary, int id, byte[] utf8, int from, int to, boolean special) {
        return new AddedToken(id, vocabulary.text(id, utf8, from, to), special);
    }

    private static Merges.Builder merges(String name, GgufStrings merges) {
        var list = new Merges.Builder(name, MERGES, merges.count());
        byte[] bytes = merges.bytes();
        int at = 0;
        for (int n = 0; n < merges.count(); n++) {
            int from = at + GgufStrings.LENGTH_BYTES;
            at = from + merges.lengthAt(at);
            list.add(bytes, from, at);
        }
        return list;
    }
}
