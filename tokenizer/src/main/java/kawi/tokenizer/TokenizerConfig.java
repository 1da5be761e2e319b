package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code tokenizer_config.json}, and {@code added_tokens.json} of older models, say about a tokenizer: added
 * tokens that the vocabulary's file may lack, and the kind of tokenizer for a vocabulary without
 * {@code tokenizer.json}.
 */
final class TokenizerConfig {

    private static final String ADDED = "added_tokens_decoder";

    /** Keys with the text of a token, or an object that has it, or a list or map of these. */
    private static final Set<String> NAMED = Set.of(
            "bos_token",
            "eos_token",
            "unk_token",
            "sep_token",
            "pad_token",
            "cls_token",
            "mask_token",
            "additional_special_tokens",
            "extra_special_tokens");

    /**
     * An added token.
     *
     * @param where the key of the token in the file, for messages
     */
    record Entry(AddedToken token, String where) {}

    private final String file;
    private final List<Entry> added = new ArrayList<>();
    private final List<AddedToken> named = new ArrayList<>();
    private @Nullable String tokenizerClass;
    private @Nullable String expression;
    private boolean prefixSpace;

    TokenizerConfig(String file) {
        this.file = file;
    }

    /** Reads {@code tokenizer_config.json}. */
    void read(InputStream in) throws IOException {
        JsonReader.read(
                in,
                file,
                json -> json.object("the file", key -> {
                    switch (key) {
                        case ADDED ->
                            json.object(key, id -> {
                                String where = key + "." + id;
                                var settings = Settings.of(file, where, json.smallValue(where));
                                added.add(new Entry(addedToken(settings, parseId(settings, id)), file + ": " + where));
                            });
                        case "tokenizer_class" -> tokenizerClass = json.smallValue(key) instanceof String s ? s : null;
                        case "pretokenize_regex" -> expression = json.smallValue(key) instanceof String s ? s : null;
                        case "add_prefix_space" -> prefixSpace = Boolean.TRUE.equals(json.smallValue(key));
                        default -> {
                            if (NAMED.contains(key)) {
                                addNamed(json.smallValue(key), key);
                            } else {
                                json.skip();
                            }
                        }
                    }
                }));
    }

    /** Reads {@code added_tokens.json}, the texts and ids of added tokens. */
    void readAddedTokens(InputStream in, String addedFile) throws IOException {
        JsonReader.read(
                in,
                addedFile,
                json -> json.integers("the file", (text, id) -> {
                    boolean special =
                            named.stream().anyMatch(token -> token.text().equals(text));
                    var token = new AddedToken(id, text, special, !special, false, false, false);
                    added.add(new Entry(token, addedFile));
                }));
    }

    private void addNamed(@Nullable Object value, String key) {
        switch (value) {
            case null -> {}
            case String text -> named.add(new AddedToken(-1, text, true));
            case List<?> list -> list.forEach(item -> addNamed(item, key));
            case Map<?, ?> map
            when map.get("content") instanceof String -> named.add(addedToken(Settings.of(file, key, map), -1));
            case Map<?, ?> map -> map.values().forEach(item -> addNamed(item, key));
            default -> {} // not a token
        }
    }

    /** Adds the tokens that are not known yet. */
    void addTo(VocabularyBuilder vocabulary) {
        for (Entry entry : added) {
            var known = vocabulary.addedWithId(entry.token().id());
            if (known == null || !known.text().equals(entry.token().text())) {
                vocabulary.added(entry.token(), entry.where());
            }
        }
        vocabulary.named(named);
    }

    /** The normalization and the pre-tokenizer that {@code tokenizer_class} stands for. */
    PreTokenizerFamily family() {
        return switch (tokenizerClass) {
            case "Qwen2Tokenizer", "Qwen2TokenizerFast", "Qwen3Tokenizer", "Qwen3TokenizerFast" ->
                PreTokenizerFamily.QWEN2;
            case "Qwen3_5Tokenizer", "Qwen3_5TokenizerFast" -> PreTokenizerFamily.QWEN35;
            case "GPT2Tokenizer", "GPT2TokenizerFast" -> PreTokenizerFamily.GPT2;
            case null ->
                throw new TokenizerException(file
                        + ": tokenizer_class: is missing, and there is no tokenizer.json that makes it unnecessary");
            default ->
                throw new TokenizerException(
                        file + ": tokenizer_class: " + quote(tokenizerClass)
                                + " is not supported without a tokenizer.json, only Qwen2Tokenizer, Qwen3_5Tokenizer and GPT2Tokenizer");
        };
    }

    /** The pre-tokenizer, with the expression and the prefix space of the file. */
    PreTokenizer preTokenizer() {
        var family = family();
        if (expression != null && !family.splitsByGpt2()) {
            var settings = new Settings(file, "pretokenize_regex", Map.of("Regex", expression));
            return PreTokenizer.of(PipelineJson.expression(settings), prefixSpace);
        }
        return family.preTokenizer(prefixSpace);
    }

    /** Reads the properties of an added token; those that are absent are as in the library. */
    static AddedToken addedToken(Settings settings, int id) {
        boolean special = settings.flag("special", false);
        return new AddedToken(
                id,
                settings.string("content"),
                special,
                settings.flag("normalized", !special),
                settings.flag("single_word", false),
                settings.flag("lstrip", false),
                settings.flag("rstrip", false));
    }

    private static int parseId(Settings settings, String id) {
        try {
            return Integer.parseInt(id);
        } catch (NumberFormatException e) {
            throw settings.error("content", "expected a token id as the key of the entry, found " + quote(id));
        }
    }
}
