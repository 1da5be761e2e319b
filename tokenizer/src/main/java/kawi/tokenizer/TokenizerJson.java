package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code tokenizer.json}, the serialized pipeline of the Hugging Face <i>tokenizers</i> library, and the added
 * tokens of {@code tokenizer_config.json}.
 *
 * <p>Nearly all of the file is {@code model.vocab} and {@code model.merges}, which are streamed into their builders in
 * either order. The rest is small. Settings that affect ids and are not supported are rejected by name. The following
 * are ignored because they do not affect ids:
 *
 * <ul>
 *   <li>{@code truncation} and {@code padding}, which are parameters of calls;
 *   <li>{@code trim_offsets}, which affects offsets only, and the decoder's {@code add_prefix_space} and
 *     {@code use_regex}, which have no effect;
 *   <li>{@code model.unk_token} and {@code model.fuse_unk}, which apply to bytes without a token: here, encoding such a
 *     byte fails.
 * </ul>
 */
final class TokenizerJson {

    private static final String ADDED = "added_tokens";
    private static final String ADDED_IN_CONFIG = "added_tokens_decoder";

    private final String file;
    private final VocabularyBuilder vocabulary;
    private final Merges.Builder merges;
    private boolean normalize;
    private @Nullable PreTokenizer preTokenizer;
    private boolean hasVocabulary;
    private boolean hasDecoder;

    TokenizerJson(String file) {
        this.file = file;
        this.vocabulary = new VocabularyBuilder(file, "model.vocab", 1 << 12);
        this.merges = new Merges.Builder(file, "model.merges", 1 << 12);
    }

    void read(InputStream in) throws IOException {
        JsonReader.read(
                in,
                file,
                json -> json.object("the file", key -> {
                    switch (key) {
                        case "model" -> readModel(json);
                        case ADDED -> json.array(ADDED, i -> readAdded(json, ADDED + "[" + i + "]"));
                        case "normalizer" -> normalize = isNfc(json.settings(key));
                        case "pre_tokenizer" -> preTokenizer = preTokenizer(required(json.settings(key), key));
                        case "post_processor" -> checkAddsNothing(json.settings(key));
                        case "decoder" -> {
                            required(json.settings(key), key).expectType("ByteLevel");
                            hasDecoder = true;
                        }
                        default -> json.skip();
                    }
                }));
    }

    /**
     * Adds the tokens of {@code tokenizer_config.json} that {@code tokenizer.json} lacks. Must be called after
     * {@link #read}.
     */
    void readConfig(InputStream in, String configFile) throws IOException {
        JsonReader.read(
                in,
                configFile,
                json -> json.object("the file", key -> {
                    if (!key.equals(ADDED_IN_CONFIG)) {
                        json.skip();
                        return;
                    }
                    json.object(key, id -> {
                        String where = key + "." + id;
                        var settings = Settings.of(configFile, where, json.smallValue(where));
                        var token = addedToken(settings, parseId(settings, id));
                        var known = vocabulary.addedWithId(token.id());
                        if (known == null || !known.text().equals(token.text())) {
                            vocabulary.added(token, configFile + ": " + where);
                        }
                    });
                }));
    }

    Tokenizer build() {
        if (!hasVocabulary || preTokenizer == null || !hasDecoder) {
            String missing = !hasVocabulary ? "model.vocab" : preTokenizer == null ? "pre_tokenizer" : "decoder";
            throw error(missing, "is missing");
        }
        var built = vocabulary.build();
        return new Tokenizer(
                built, merges.build(built), new AddedTokens(vocabulary.addedTokens()), preTokenizer, normalize);
    }

    private void readModel(JsonReader json) {
        json.object("model", name -> {
            String key = "model." + name;
            switch (name) {
                case "vocab" -> {
                    json.integers(key, (token, id) -> vocabulary.ordinary(id, token));
                    hasVocabulary = true;
                }
                case "merges" -> json.array(key, i -> readMerge(json, key + "[" + i + "]"));
                case "type" -> {
                    if (!json.string(key).equals("BPE")) {
                        throw error(key, "only BPE is supported");
                    }
                }
                case "unk_token", "fuse_unk" -> json.skip();
                default -> {
                    var value = json.smallValue(key);
                    if (value != null && !value.equals(false) && !value.equals("")) {
                        throw error(key, "is set to " + quote(value.toString()) + ", which is not supported");
                    }
                }
            }
        });
    }

    private void readMerge(JsonReader json, String key) {
        if (!json.isArray()) {
            merges.add(json.string(key));
            return;
        }
        var pair = new ArrayList<String>(2);
        json.array(key, i -> {
            if (i == 2) {
                throw error(key, "expected two tokens, found more");
            }
            pair.add(json.string(key));
        });
        if (pair.size() < 2) {
            throw error(key, "expected two tokens, found " + pair.size());
        }
        merges.add(pair.get(0), pair.get(1));
    }

    private void readAdded(JsonReader json, String key) {
        var settings = Settings.of(file, key, json.smallValue(key));
        vocabulary.added(addedToken(settings, settings.integer("id")), key);
    }

    private static AddedToken addedToken(Settings settings, int id) {
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            settings.expectFlag(flag, false, false);
        }
        return new AddedToken(id, settings.string("content"), settings.flag("special", false));
    }

    private static int parseId(Settings settings, String id) {
        try {
            return Integer.parseInt(id);
        } catch (NumberFormatException e) {
            throw settings.error("content", "expected a token id as the key of the entry, found " + quote(id));
        }
    }

    private static boolean isNfc(@Nullable Settings normalizer) {
        if (normalizer == null) {
            return false;
        }
        if (normalizer.hasType("Sequence")) {
            boolean nfc = false;
            for (Settings part : normalizer.parts("normalizers")) {
                nfc |= isNfc(part);
            }
            return nfc;
        }
        normalizer.expectType("NFC");
        return true;
    }

    /**
     * Expects a split by one of the supported expressions, each match of which is a piece, followed by the byte-level
     * mapping.
     */
    private static PreTokenizer preTokenizer(Settings sequence) {
        var parts = sequence.expectType("Sequence").parts("pretokenizers");
        if (parts.size() != 2) {
            throw sequence.error("pretokenizers", "expected a Split and a ByteLevel, found " + parts.size() + " parts");
        }
        var split = parts.get(0).expectType("Split");
        split.expectFlag("invert", false, false);
        if (!split.string("behavior").equals("Isolated")) {
            throw split.error("behavior", "only Isolated is supported");
        }
        var bytes = parts.get(1).expectType("ByteLevel");
        bytes.expectFlag("add_prefix_space", false, true);
        bytes.expectFlag("use_regex", false, true);
        var pattern = split.part("pattern");
        String expression = pattern.string("Regex");
        return PreTokenizer.ofExpression(expression)
                .orElseThrow(() -> pattern.error(
                        "Regex",
                        quote(expression) + " is not supported; expected the expression of " + PreTokenizer.names()));
    }

    private static void checkAddsNothing(@Nullable Settings postProcessor) {
        if (postProcessor == null) {
            return;
        }
        if (postProcessor.hasType("Sequence")) {
            postProcessor.parts("processors").forEach(TokenizerJson::checkAddsNothing);
        } else {
            postProcessor.expectType("ByteLevel");
        }
    }

    private Settings required(@Nullable Settings settings, String key) {
        if (settings == null) {
            throw error(key, "expected an object, found null");
        }
        return settings;
    }

    private TokenizerException error(String key, String problem) {
        return new TokenizerException(file + ": " + key + ": " + problem);
    }
}
