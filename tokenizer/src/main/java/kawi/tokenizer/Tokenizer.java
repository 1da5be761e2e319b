package kawi.tokenizer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Byte-level BPE: text to token ids and back, as the model's own file defines it. Immutable and safe for use by several
 * threads.
 *
 * <p>{@link #encode} is for text from anywhere: whatever it says, no added token such as {@code <|im_start|>} comes
 * out. {@link #encodeWithSpecials} recognises them all. A prompt is a mixture, the template's own text and text from
 * users: {@link #shield} the latter before it goes into the template, and {@link #encodeRendered} what comes out.
 *
 * <p>Text is normalised to form C where {@code tokenizer.json} says so. GGUF files do not say; they are treated the
 * same, so that the same text has the same ids whichever file a model came from. (llama.cpp does not normalise; it
 * agrees on text that is in form C, as nearly all is.) Half surrogate pairs, which are not text, are taken as U+FFFD.
 */
public final class Tokenizer {

    private final Vocabulary vocabulary;
    private final Merges merges;
    private final AddedTokens added;
    private final PreTokenizer preTokenizer;
    private final boolean normalize;
    private final Pattern pieces;
    private final byte[] whole;

    Tokenizer(Vocabulary vocabulary, Merges merges, AddedTokens added, PreTokenizer preTokenizer, boolean normalize) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.added = added;
        this.preTokenizer = preTokenizer;
        this.normalize = normalize;
        this.pieces = preTokenizer.pattern();
        this.whole = new byte[vocabulary.size()];
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @throws IOException if the file cannot be read
     * @throws TokenizerException if it is damaged or asks for something unsupported
     */
    public static Tokenizer fromJson(Path tokenizerJson) throws IOException {
        return fromJson(tokenizerJson, null);
    }

    /**
     * Reads a {@code tokenizer.json} and the {@code added_tokens_decoder} of the {@code tokenizer_config.json} beside
     * it, which may list tokens that the former lacks. Where both list a token, {@code tokenizer.json} has the say.
     *
     * @param tokenizerConfig null when there is none
     * @throws IOException if a file cannot be read
     * @throws TokenizerException if a file is damaged or asks for something unsupported
     */
    public static Tokenizer fromJson(Path tokenizerJson, @Nullable Path tokenizerConfig) throws IOException {
        var json = new TokenizerJson(tokenizerJson.toString());
        try (InputStream in = Files.newInputStream(tokenizerJson)) {
            json.read(in);
        }
        if (tokenizerConfig != null) {
            try (InputStream in = Files.newInputStream(tokenizerConfig)) {
                json.readConfig(in, tokenizerConfig.toString());
            }
        }
        return json.build();
    }

    /**
     * Reads the contents of a {@code tokenizer.json}.
     *
     * @param tokenizerConfig the contents of a {@code tokenizer_config.json}, or null
     * @param name what messages call the file
     * @throws TokenizerException if a file is damaged or asks for something unsupported
     */
    public static Tokenizer fromJson(byte[] tokenizerJson, byte @Nullable [] tokenizerConfig, String name) {
        try {
            var json = new TokenizerJson(name);
            json.read(new ByteArrayInputStream(tokenizerJson));
            if (tokenizerConfig != null) {
                json.readConfig(new ByteArrayInputStream(tokenizerConfig), name + " (tokenizer_config)");
            }
            return json.build();
        } catch (IOException e) {
            throw new TokenizerException(name + ": " + e.getMessage(), e);
        }
    }

    /**
     * Takes the tokenizer of a GGUF file.
     *
     * <p>Control tokens (type 3) are added tokens and special, user-defined ones (type 4) are added tokens and not
     * special; padding (type 5, unused) is not part of the vocabulary.
     *
     * @param name what messages call the file
     * @param model {@code tokenizer.ggml.model}; only {@code gpt2}, byte-level BPE, is supported
     * @param pre {@code tokenizer.ggml.pre}: {@code qwen35} or {@code qwen2}
     * @param tokens {@code tokenizer.ggml.tokens}
     * @param types {@code tokenizer.ggml.token_type}, one for each token
     * @param merges {@code tokenizer.ggml.merges}, each {@code "left right"}
     * @throws TokenizerException if the arrays do not make a tokenizer or ask for something unsupported
     */
    public static Tokenizer fromGguf(
            String name, String model, String pre, GgufStrings tokens, int[] types, GgufStrings merges) {
        return TokenizerGguf.read(name, model, pre, tokens, types, merges);
    }

    /** The ids of {@code text} as ordinary text: added tokens in it are not recognised but spelled out. */
    public int[] encode(String text) {
        return new Encoding(text.length()).ordinary(text).ids();
    }

    /**
     * The ids of {@code text}, in which added tokens are recognised: leftmost first, of several at one place the
     * longest.
     */
    public int[] encodeWithSpecials(String text) {
        return new Encoding(text.length()).withSpecials(text, false).ids();
    }

    /**
     * The ids of a prompt that was put together from text in which added tokens are meant and text that went through
     * {@link #shield}. What was shielded is ordinary text, for each character; the ids are those that the unshielded
     * prompt has if only the added tokens outside are recognised.
     */
    public int[] encodeRendered(String rendered) {
        return new Encoding(rendered.length()).withSpecials(rendered, true).ids();
    }

    /**
     * Marks {@code text} so that {@link #encodeRendered} finds no added token in it, nor one that is half in it and
     * half in the text around, also if that text is shielded too or if {@code text} is trimmed. Text without anything
     * that looks like an added token, almost all text, comes back as it is.
     */
    public String shield(String text) {
        return Shield.shield(text, added);
    }

    /** Undoes {@link #shield}, also for a prompt that contains shielded text, to show it. */
    public static String unshield(String text) {
        return Shield.unshield(text);
    }

    /**
     * The text of {@code ids}. Bytes that are not UTF-8 become U+FFFD; ids that belong to no token but are below
     * {@link #vocabularySize} become nothing.
     *
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    public String decode(int[] ids) {
        return decode(ids, false);
    }

    /**
     * The text of {@code ids}.
     *
     * @param skipSpecial whether to leave out special tokens; {@code <think>} and other added tokens that are not
     * special stay
     * @throws IllegalArgumentException if an id is outside the vocabulary
     */
    public String decode(int[] ids, boolean skipSpecial) {
        var decoder = decoder(skipSpecial);
        for (int id : ids) {
            decoder.append(id);
        }
        return decoder.finish();
    }

    /** A decoder for ids that come one at a time; see {@link #decode(int[], boolean)} for {@code skipSpecial}. */
    public StreamDecoder decoder(boolean skipSpecial) {
        return new StreamDecoder(this, skipSpecial);
    }

    /** One more than the highest id that belongs to a token. A model may have more rows than that, as padding. */
    public int vocabularySize() {
        return vocabulary.size();
    }

    /**
     * The id of one token.
     *
     * @param token an added token's text, or an ordinary token as files spell it, with a letter for each byte: {@code
     * Ġthe} for " the"
     */
    public OptionalInt id(String token) {
        var id = added.id(token);
        return id.isPresent() ? id : vocabulary.findSpelling(token);
    }

    /**
     * The bytes that a token stands for, often no complete character; none if the id belongs to no token.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    public byte[] bytes(int id) {
        return vocabulary.bytes(checked(id));
    }

    /**
     * A token's text for people to read: its bytes, with U+FFFD for what is no complete character.
     *
     * @throws IllegalArgumentException if the id is outside the vocabulary
     */
    public String text(int id) {
        return decode(new int[] {id});
    }

    /**
     * Whether the id belongs to a special token, one that decoding may leave out; false for ids that belong to no
     * token.
     */
    public boolean isSpecial(int id) {
        return id >= 0 && id < vocabulary.size() && vocabulary.kind(id) == Vocabulary.SPECIAL;
    }

    /** Whether the id belongs to no token: a gap or padding, which a model must not produce. */
    public boolean isUnused(int id) {
        return id < 0 || id >= vocabulary.size() || vocabulary.kind(id) == Vocabulary.ABSENT;
    }

    /** The ids below {@link #vocabularySize} that belong to no token. */
    public BitSet unusedIds() {
        return vocabulary.absent();
    }

    /** The added tokens, in order of their ids. */
    public List<AddedToken> addedTokens() {
        return added.all().stream()
                .sorted(Comparator.comparingInt(AddedToken::id))
                .toList();
    }

    /** The way of cutting text into pieces by its name in GGUF files: {@code qwen35} or {@code qwen2}. */
    public String preTokenizer() {
        return preTokenizer.ggufName;
    }

    void decode(int id, boolean skipSpecial, Utf8Decoder decoder, StringBuilder out) {
        if (!skipSpecial || vocabulary.kind(checked(id)) != Vocabulary.SPECIAL) {
            vocabulary.decode(checked(id), decoder, out);
        }
    }

    private int checked(int id) {
        if (id < 0 || id >= vocabulary.size()) {
            throw new IllegalArgumentException(
                    "token id " + id + " is outside the vocabulary, 0 to " + (vocabulary.size() - 1));
        }
        return id;
    }

    /** One call's way from text to ids. */
    private final class Encoding {

        private final IntList ids;
        private final BytePairMerger merger;

        Encoding(int characters) {
            ids = new IntList(characters / 4);
            merger = new BytePairMerger(vocabulary, merges, whole, ids);
        }

        int[] ids() {
            return ids.toArray();
        }

        /** With {@code escapes}, a {@link Shield#SENTINEL} makes the character after it an ordinary one. */
        Encoding withSpecials(String text, boolean escapes) {
            var run = new StringBuilder();
            int copied = 0;
            for (int at = 0; at < text.length(); ) {
                if (escapes && text.charAt(at) == Shield.SENTINEL && at + 1 < text.length()) {
                    run.append(text, copied, at);
                    copied = at + 1;
                    at += 2;
                    continue;
                }
                int token = added.longestAt(text, at);
                if (token < 0) {
                    at++;
                    continue;
                }
                ordinary(run.append(text, copied, at).toString());
                run.setLength(0);
                ids.add(added.all().get(token).id());
                at += added.all().get(token).text().length();
                copied = at;
            }
            return ordinary(run.append(text, copied, text.length()).toString());
        }

        Encoding ordinary(String run) {
            String text = wellFormed(run);
            text = normalize ? Nfc.normalize(text) : text;
            Matcher matcher = pieces.matcher(text);
            while (matcher.find()) {
                merger.merge(matcher.group().getBytes(StandardCharsets.UTF_8));
            }
            return this;
        }

        /** {@code text} with U+FFFD for each half of a surrogate pair that stands alone. */
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
