package kawi.tokenizer;

/**
 * Creates the tokenizer of a GGUF file from its metadata. Token types are those of {@code llama_token_type} in
 * llama.cpp; as there, unknown tokens are treated like control tokens, and undefined ones like normal ones. A
 * user-defined token in ASCII can also be the result of merges. An empty token is padding.
 */
final class TokenizerGguf {

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final String MERGES = "tokenizer.ggml.merges";

    private static final int UNDEFINED = 0;
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private TokenizerGguf() {}

    static Tokenizer read(
            String name,
            String model,
            String pre,
            GgufStrings tokens,
            int[] types,
            GgufStrings merges,
            GgufSpecials specials) {
        if (!model.equals("gpt2")) {
            throw new TokenizerException("%s: tokenizer.ggml.model is %s, but only gpt2 (byte-level BPE) is supported"
                    .formatted(name, TokenizerException.quote(model)));
        }
        var family = PreTokenizerFamily.of(pre)
                .orElseThrow(() -> new TokenizerException("%s: tokenizer.ggml.pre is %s, but only %s are supported"
                        .formatted(name, TokenizerException.quote(pre), PreTokenizerFamily.allNames())));
        if (types.length != tokens.count()) {
            throw new TokenizerException("%s: %s has %d entries, but %s has %d"
                    .formatted(name, TYPES, types.length, TOKENS, tokens.count()));
        }
        var vocabulary = new VocabularyBuilder(name, TOKENS, tokens.count());
        readTokens(name, vocabulary, tokens, types);
        var built = vocabulary.build();
        var affixes = specials.affixes(family);
        for (int id : affixes.all()) {
            if (id >= built.size() || built.kind(id) == Vocabulary.ABSENT) {
                throw new TokenizerException(
                        "%s: the id %d of the token that is added to texts is not that of a token".formatted(name, id));
            }
        }
        return new Tokenizer(
                new BytePairModel(
                        built,
                        merges(name, merges).build(built, vocabulary.withheld()),
                        family.ignoresMerges(),
                        -1,
                        false),
                new AddedTokens(vocabulary.addedTokens(), family.normalization()::apply),
                family.normalization(),
                family.preTokenizer(),
                affixes);
    }

    private static void readTokens(String name, VocabularyBuilder vocabulary, GgufStrings tokens, int[] types) {
        int at = 0;
        for (int id = 0; id < types.length; id += Vocabulary.BATCH) {
            at = readTokens(name, vocabulary, tokens, types, at, id, Math.min(id + Vocabulary.BATCH, types.length));
        }
    }

    /** Reads the tokens {@code [first, end)}, which begin at offset {@code begin}, and returns their end. */
    private static int readTokens(
            String name, VocabularyBuilder vocabulary, GgufStrings tokens, int[] types, int begin, int first, int end) {
        byte[] bytes = tokens.bytes();
        int at = begin;
        for (int id = first; id < end; id++) {
            int from = at + GgufStrings.LENGTH_BYTES;
            int to = from + tokens.lengthAt(at);
            at = to;
            int type = from == to ? UNUSED : types[id];
            switch (type) {
                case NORMAL, UNDEFINED -> vocabulary.ordinary(id, bytes, from, to);
                case CONTROL, UNKNOWN, USER_DEFINED -> {
                    boolean special = type != USER_DEFINED;
                    if (isGraphicAscii(bytes, from, to)) {
                        vocabulary.ordinary(id, bytes, from, to);
                    }
                    vocabulary.added(new AddedToken(id, vocabulary.text(id, bytes, from, to), special), TOKENS);
                }
                case UNUSED -> vocabulary.unused();
                default ->
                    throw new TokenizerException(
                            "%s: %s[%d] is %d, expected a type from 0 to 5".formatted(name, TYPES, id, type));
            }
        }
        return at;
    }

    /** Whether all characters represent themselves in {@link ByteAlphabet} and are ASCII. */
    private static boolean isGraphicAscii(byte[] utf8, int from, int to) {
        for (int i = from; i < to; i++) {
            if (utf8[i] < '!' || utf8[i] > '~') {
                return false;
            }
        }
        return true;
    }

    private static Merges.Builder merges(String name, GgufStrings merges) {
        var list = new Merges.Builder(name, MERGES, merges.count());
        int at = 0;
        for (int n = 0; n < merges.count(); n += Vocabulary.BATCH) {
            at = readMerges(merges, list, at, Math.min(Vocabulary.BATCH, merges.count() - n));
        }
        return list;
    }

    /** Adds {@code count} merges, which begin at offset {@code begin}, and returns the offset of their end. */
    private static int readMerges(GgufStrings merges, Merges.Builder list, int begin, int count) {
        byte[] bytes = merges.bytes();
        int at = begin;
        for (int n = 0; n < count; n++) {
            int from = at + GgufStrings.LENGTH_BYTES;
            at = from + merges.lengthAt(at);
            list.add(bytes, from, at);
        }
        return at;
    }
}
