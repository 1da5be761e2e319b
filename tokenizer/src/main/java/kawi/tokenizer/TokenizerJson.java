package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code tokenizer.json}, the serialized pipeline of the Hugging Face <i>tokenizers</i> library.
 *
 * <p>Nearly all of the file is {@code model.vocab} and {@code model.merges}, which are streamed into their builders in
 * either order. The rest is small; {@link PipelineJson} reads most of it. Settings that affect ids and are not
 * supported are rejected by name. {@code truncation} and {@code padding}, which are parameters of calls, are ignored.
 *
 * <p>The model's settings for text that the vocabulary cannot represent ({@code unk_token}, {@code fuse_unk},
 * {@code byte_fallback}) have no effect if the vocabulary has all 256 bytes, as nearly all have. If a byte is missing,
 * the unknown token represents it; without an unknown token, encoding such a byte fails, where the library omits it.
 */
final class TokenizerJson {

    private static final String ADDED = "added_tokens";

    private final String file;
    private final VocabularyBuilder vocabulary;
    private final Merges.Builder merges;
    private @Nullable Settings normalizer;
    private @Nullable Settings preTokenizer;
    private @Nullable Settings postProcessor;
    private @Nullable String unknownToken;
    private boolean fusesUnknown;
    private boolean bytesFallBack;
    private boolean ignoresMerges;
    private boolean hasVocabulary;

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
                        case "normalizer" -> normalizer = json.settings(key);
                        case "pre_tokenizer" -> preTokenizer = json.settings(key);
                        case "post_processor" -> postProcessor = json.settings(key);
                        case "decoder" -> PipelineJson.checkDecoder(json.settings(key));
                        default -> json.skip();
                    }
                }));
    }

    /** Adds the tokens of {@code tokenizer_config.json} that {@code tokenizer.json}, read before, lacks. */
    void add(TokenizerConfig config) {
        config.addTo(vocabulary);
    }

    Tokenizer build() {
        if (!hasVocabulary) {
            throw error("model.vocab", "is missing");
        }
        var normalization = PipelineJson.normalization(normalizer);
        var splitting = PipelineJson.preTokenizer(preTokenizer, normalization, file);
        var affixes = PipelineJson.affixes(postProcessor);
        var built = vocabulary.build();
        if (bytesFallBack && !built.hasAllBytes()) {
            throw error("model.byte_fallback", "is only supported if the vocabulary has all 256 bytes");
        }
        for (int id : affixes.all()) {
            if (id < 0 || id >= built.size() || built.kind(id) == Vocabulary.ABSENT) {
                throw error("post_processor", "adds the id " + id + ", which no token has");
            }
        }
        int unknown = unknownToken == null ? -1 : vocabulary.id(built, unknownToken);
        return new Tokenizer(
                new BytePairModel(
                        built, merges.build(built, vocabulary.withheld()), ignoresMerges, unknown, fusesUnknown),
                new AddedTokens(vocabulary.addedTokens(), normalization::apply),
                normalization,
                splitting,
                affixes);
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
                case "unk_token" -> unknownToken = json.smallValue(key) instanceof String token ? token : null;
                case "fuse_unk" -> fusesUnknown = isTrue(json.smallValue(key), key);
                case "byte_fallback" -> bytesFallBack = isTrue(json.smallValue(key), key);
                case "ignore_merges" -> ignoresMerges = isTrue(json.smallValue(key), key);
                default -> {
                    var value = json.smallValue(key);
                    if (value != null && !isOff(value)) {
                        throw error(key, "is set to " + quote(value.toString()) + ", which is not supported");
                    }
                }
            }
        });
    }

    private static boolean isOff(Object value) {
        return value.equals(false) || value.equals("") || (value instanceof Number number && number.doubleValue() == 0);
    }

    private boolean isTrue(@Nullable Object value, String key) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value != null) {
            throw error(key, "expected a boolean, found " + quote(value.toString()));
        }
        return false;
    }

    private void readMerge(JsonReader json, String key) {
        if (!json.isArray()) {
            String merge = json.string(key);
            if (!merge.startsWith("#version")) { // the first line of merges.txt
                merges.add(merge);
            }
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
        vocabulary.added(TokenizerConfig.addedToken(settings, settings.integer("id")), key);
    }

    private TokenizerException error(String key, String problem) {
        return new TokenizerException(file + ": " + key + ": " + problem);
    }
}
