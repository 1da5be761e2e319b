package kawi.tokenizer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import kawi.tokenizer.AddedTokenMatcher.Parts;
import kawi.tokenizer.AddedTokenMatcher.Scope;
import org.jspecify.annotations.Nullable;

/**
 * A byte-level BPE tokenizer, which converts text to token ids and back as defined by the model's files. Tokenizers are
 * immutable and safe for use by multiple threads.
 *
 * <p>{@link #encode(String)} is for untrusted text: the result never contains added tokens such as
 * {@code <|im_start|>}. {@link #encodeWithSpecials} recognizes all added tokens. A prompt consists of the template's
 * text and text from outside: {@link #encode(OriginText)} recognizes added tokens in the former only.
 *
 * <p>Text is normalized as {@code tokenizer.json} specifies. GGUF files do not specify normalization; Qwen's form C is
 * used for those with Qwen's pre-tokenizers, so that the ids do not depend on the file format. (llama.cpp does not
 * normalize; the ids are the same for text that is already in form C, as nearly all text is.) Unpaired surrogates are
 * replaced by U+FFFD.
 */
public final class Tokenizer {

    private final BytePairModel model;
    private final Vocabulary vocabulary;
    private final AddedTokens added;
    private final Normalization normalization;
    private final PreTokenizer preTokenizer;
    private final Affixes affixes;
    private final byte[] mergeResults;

    Tokenizer(
            BytePairModel model,
            AddedTokens added,
            Normalization normalization,
            PreTokenizer preTokenizer,
            Affixes affixes) {
        this.model = model;
        this.vocabulary = model.vocabulary();
        this.added = added;
        this.normalization = normalization;
        this.preTokenizer = preTokenizer;
        this.affixes = affixes;
        this.mergeResults = new byte[vocabulary.size()];
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @throws IOException if the file cannot be read
     * @throws TokenizerException if the file is invalid or requires an unsupported feature
     */
    public static Tokenizer fromJson(Path tokenizerJson) throws IOException {
        return fromJson(tokenizerJson, null);
    }

    /**
     * Reads a {@code tokenizer.json} and the {@code added_tokens_decoder} of a {@code tokenizer_config.json}, which may
     * define added tokens that the former lacks. If both define a token, the definition in {@code tokenizer.json} takes
     * precedence.
     *
     * @param tokenizerConfig the path of the {@code tokenizer_config.json}, or null if there is none
     * @throws IOException if a file cannot be read
     * @throws TokenizerException if a file is invalid or requires an unsupported feature
     */
    public static Tokenizer fromJson(Path tokenizerJson, @Nullable Path tokenizerConfig) throws IOException {
        return read(tokenizerJson, config(tokenizerConfig, null));
    }

    private static Tokenizer read(Path tokenizerJson, TokenizerConfig config) throws IOException {
        var json = new TokenizerJson(tokenizerJson.toString());
        try (InputStream in = Files.newInputStream(tokenizerJson)) {
            json.read(in);
        }
        json.add(config);
        return json.build();
    }

    /**
     * Reads the tokenizer of a model's folder: {@code tokenizer.json} or, if there is none, {@code vocab.json} and
     * {@code merges.txt}; with the added tokens of {@code tokenizer_config.json} and {@code added_tokens.json}.
     *
     * @return the tokenizer, or null if there is none
     * @throws IOException if a file cannot be read
     * @throws TokenizerException if a file is invalid or requires an unsupported feature
     */
    public static @Nullable Tokenizer fromFolder(Path folder) throws IOException {
        Path json = folder.resolve("tokenizer.json");
        Path vocabulary = folder.resolve("vocab.json");
        Path merges = folder.resolve("merges.txt");
        boolean separate = !Files.exists(json);
        if (separate && !(Files.exists(vocabulary) && Files.exists(merges))) {
            return null;
        }
        var config = config(folder.resolve("tokenizer_config.json"), folder.resolve("added_tokens.json"));
        if (!separate) {
            return read(json, config);
        }
        var files = new VocabularyFiles(vocabulary.toString(), merges.toString());
        try (InputStream in = Files.newInputStream(vocabulary)) {
            files.readVocabulary(in, vocabulary.toString());
        }
        try (InputStream in = Files.newInputStream(merges)) {
            files.readMerges(in);
        }
        return files.build(config);
    }

    /** Reads those of the files that exist. */
    private static TokenizerConfig config(@Nullable Path tokenizerConfig, @Nullable Path addedTokens)
            throws IOException {
        var config = new TokenizerConfig(String.valueOf(tokenizerConfig));
        if (tokenizerConfig != null && Files.exists(tokenizerConfig)) {
            try (InputStream in = Files.newInputStream(tokenizerConfig)) {
                config.read(in);
            }
        }
        if (addedTokens != null && Files.exists(addedTokens)) {
            try (InputStream in = Files.newInputStream(addedTokens)) {
                config.readAddedTokens(in, addedTokens.toString());
            }
        }
        return config;
    }

    /**
     * Reads the contents of a {@code tokenizer.json}.
     *
     * @param tokenizerConfig the contents of a {@code tokenizer_config.json}, or null
     * @param name the name of the file for messages
     * @throws TokenizerException if a file is invalid or requires an unsupported feature
     */
    public static Tokenizer fromJson(byte[] tokenizerJson, byte @Nullable [] tokenizerConfig, String name) {
        try {
            var json = new TokenizerJson(name);
            json.read(new ByteArrayInputStream(tokenizerJson));
            if (tokenizerConfig != null) {
                var config = new TokenizerConfig(name + " (tokenizer_config)");
                config.read(new ByteArrayInputStream(tokenizerConfig));
                json.add(config);
            }
            return json.build();
        } catch (IOException e) {
            throw new TokenizerException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Creates a tokenizer from the metadata of a GGUF file.
     *
     * <p>Unknown and control tokens (types 2 and 3) become special added tokens, and user-defined tokens (type 4)
     * become added tokens that are not special. Unused tokens (type 5), which are padding, are not part of the
     * vocabulary.
     *
     * @param name the name of the file for messages
     * @param model {@code tokenizer.ggml.model}; only {@code gpt2}, byte-level BPE, is supported
     * @param pre {@code tokenizer.ggml.pre}, such as {@code qwen35}
     * @param tokens {@code tokenizer.ggml.tokens}
     * @param types {@code tokenizer.ggml.token_type}, one type for each token
     * @param merges {@code tokenizer.ggml.merges}, each in the form {@code "left right"}
     * @param specials the tokens that {@link #encodeWithSpecials} adds
     * @throws TokenizerException if the metadata is invalid or requires an unsupported feature
     */
    public static Tokenizer fromGguf(
            String name,
            String model,
            String pre,
            GgufStrings tokens,
            int[] types,
            GgufStrings merges,
            GgufSpecials specials) {
        return TokenizerGguf.read(name, model, pre, tokens, types, merges, specials);
    }

    /** Creates a tokenizer that adds no tokens before and after a text from the metadata of a GGUF file. */
    public static Tokenizer fromGguf(
            String name, String model, String pre, GgufStrings tokens, int[] types, GgufStrings merges) {
        return fromGguf(name, model, pre, tokens, types, merges, GgufSpecials.NONE);
    }

    /** Encodes {@code text} as ordinary text: added tokens are not recognized. */
    public int[] encode(String text) {
        return new Encoding(text.length()).ordinary(text).ids();
    }

    /**
     * Encodes {@code text} as the library's {@code encode} does: recognizes added tokens, the leftmost first, and the
     * longest of several that begin at the same position, and adds the tokens that the file's post-processor adds
     * before and after a text, if any.
     */
    public int[] encodeWithSpecials(String text) {
        var encoding = new Encoding(text.length());
        affixes.before().forEach(encoding.ids::add);
        encoding.withSpecials(text, Scope.ALL);
        affixes.after().forEach(encoding.ids::add);
        return encoding.ids();
    }

    /**
     * Encodes a text whose prediction is measured as llama.cpp does: between the tokens that the file's post-processor
     * adds before and after a text, if any, and with those added tokens that are not special, such as {@code <think>},
     * recognized; special ones are ordinary text.
     */
    public int[] encodeDocument(String text) {
        var encoding = new Encoding(text.length());
        affixes.before().forEach(encoding.ids::add);
        encoding.with(added.ordinary(), text, Scope.ALL);
        affixes.after().forEach(encoding.ids::add);
        return encoding.ids();
    }

    /** The token that {@link #encodeDocument} adds before a text; empty if it adds none. */
    public OptionalInt beginning() {
        return affixes.before().isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(affixes.before().getFirst());
    }

    /**
     * Encodes a prompt and recognizes those added tokens that were written by the template as a whole: none that is, or
     * has a part, from outside. The text between the added tokens is encoded as one, whatever its origin. No tokens are
     * added before or after the prompt: a chat template has those that the model expects.
     */
    public int[] encode(OriginText prompt) {
        Scope scope = prompt.isOfTemplate() ? Scope.ALL : prompt::endOfSpan;
        return new Encoding(prompt.length())
                .withSpecials(prompt.toString(), scope)
                .ids();
    }

    /**
     * Decodes {@code ids}. Bytes that are not UTF-8 become U+FFFD; {@linkplain #isUnused unused} ids below
     * {@link #vocabularySize} are ignored.
     *
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    public String decode(int[] ids) {
        return decode(ids, false);
    }

    /**
     * Decodes {@code ids}, optionally without special tokens.
     *
     * @param skipSpecial whether to omit special tokens; {@code <think>} and other added tokens that are not special
     *     are included
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    public String decode(int[] ids, boolean skipSpecial) {
        var decoder = decoder(skipSpecial);
        for (int id : ids) {
            decoder.append(id);
        }
        return decoder.finish();
    }

    /** Returns a new incremental decoder; {@code skipSpecial} is as in {@link #decode(int[], boolean)}. */
    public StreamDecoder decoder(boolean skipSpecial) {
        return new StreamDecoder(this, skipSpecial);
    }

    /** The highest id of a token plus one. The matrices of a model may have more rows than that, as padding. */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /**
     * Returns the id of a token, if there is such a token.
     *
     * @param token the text of an added token, or an ordinary token in the spelling of tokenizer files, with one
     *     character for each byte: {@code Ġthe} for {@code " the"}
     */
    public OptionalInt id(String token) {
        var id = added.id(token);
        return id.isPresent() ? id : vocabulary.findSpelling(token);
    }

    /**
     * Returns the bytes of a token, which need not be complete characters; an empty array if the id is
     * {@linkplain #isUnused unused}.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    public byte[] bytes(int id) {
        return vocabulary.bytes(checked(id));
    }

    /**
     * Returns the text of a token, in which bytes that are not a complete character are replaced by U+FFFD.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    public String text(int id) {
        return decode(new int[] {id});
    }

    /**
     * Whether the id is that of a special token, which decoding may omit; false if the id is
     * {@linkplain #isUnused unused}.
     */
    public boolean isSpecial(int id) {
        return id >= 0 && id < vocabulary.size() && vocabulary.kind(id) == Vocabulary.SPECIAL;
    }

    /** Whether no token has this id: it is a gap or padding, which must not be sampled. */
    public boolean isUnused(int id) {
        return id < 0 || id >= vocabulary.size() || vocabulary.kind(id) == Vocabulary.ABSENT;
    }

    /** The {@linkplain #isUnused unused} ids below {@link #vocabularySize}. */
    public BitSet unusedIds() {
        return vocabulary.absent();
    }

    /** The added tokens in ascending order of their ids. */
    public List<AddedToken> addedTokens() {
        return added.all().stream()
                .sorted(Comparator.comparingInt(AddedToken::id))
                .toList();
    }

    /**
     * The name, as in GGUF files, of the rules that split text into pieces, such as {@code qwen35}; {@code custom} if
     * they have no such name.
     */
    public String preTokenizer() {
        return preTokenizer.name();
    }

    void decode(int id, boolean skipSpecial, Utf8Decoder decoder, StringBuilder out) {
        if (!skipSpecial || vocabulary.kind(checked(id)) != Vocabulary.SPECIAL) {
            vocabulary.decode(checked(id), decoder, out);
        }
    }

    private int checked(int id) {
        if (id < 0 || id >= vocabulary.size()) {
            throw new IllegalArgumentException(
                    "token id " + id + " is outside the vocabulary (0 to " + (vocabulary.size() - 1) + ")");
        }
        return id;
    }

    /** The state of one call that encodes text. */
    private final class Encoding {

        private final IntList ids;
        private final Consumer<String> splitter;

        Encoding(int characters) {
            ids = new IntList(characters / 4);
            var merger = new BytePairMerger(model, mergeResults, ids);
            splitter = preTokenizer.splitter(merger::merge);
        }

        int[] ids() {
            return ids.toArray();
        }

        /** Encodes text and recognizes added tokens in {@code scope}. */
        Encoding withSpecials(String text, Scope scope) {
            return with(added, text, scope);
        }

        /** Encodes text and recognizes the given tokens in {@code scope}. */
        Encoding with(AddedTokens recognized, String text, Scope scope) {
            recognized.literal().split(text, scope, new Parts() {
                @Override
                public void text(int from, int to) {
                    between(recognized, text.substring(from, to), at -> {
                        int end = scope.end(from + at);
                        return end == Integer.MAX_VALUE ? end : end - from;
                    });
                }

                @Override
                public void token(AddedToken token) {
                    ids.add(token.id());
                }
            });
            return this;
        }

        /** Encodes text and recognizes {@linkplain AddedToken#normalized normalized} added tokens. */
        private void between(AddedTokens recognized, String text, Scope scope) {
            if (recognized.normalized().isEmpty()) {
                ordinary(text);
                return;
            }
            String normal = normalized(text);
            recognized
                    .normalized()
                    .split(normal, NormalizedScope.of(text, normal, scope, this::normalized), new Parts() {
                        @Override
                        public void text(int from, int to) {
                            splitter.accept(normal.substring(from, to));
                        }

                        @Override
                        public void token(AddedToken token) {
                            ids.add(token.id());
                        }
                    });
        }

        Encoding ordinary(String text) {
            String normal = normalized(text);
            if (!normal.isEmpty()) {
                splitter.accept(normal);
            }
            return this;
        }

        private String normalized(String text) {
            return normalization.apply(wellFormed(text));
        }

        /** Replaces unpaired surrogates by U+FFFD. */
        private static String wellFormed(String text) {
            StringBuilder repaired = null;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (!Character.isSurrogate(c)) {
                    continue;
                }
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                    continue;
                }
                repaired = repaired == null ? new StringBuilder(text) : repaired;
                repaired.setCharAt(i, '\uFFFD');
            }
            return repaired == null ? text : repaired.toString();
        }
    }
}
