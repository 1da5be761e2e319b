package kawi.checkpoint;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import kawi.gguf.Metadata;
import kawi.json.JsonValue;
import kawi.tokenizer.Tokenizer;

/**
 * The special tokens of a model by the names that chat templates know them by, as in the Hugging Face libraries:
 * {@code bos_token}, {@code eos_token} and so on for those that the model has, and further ones of its own, such as
 * {@code image_token}.
 *
 * @param byName the texts of the tokens by name
 * @param additional the tokens without a name, {@code additional_special_tokens}
 */
public record SpecialTokens(Map<String, String> byName, List<String> additional) {

    static final SpecialTokens NONE = new SpecialTokens(Map.of(), List.of());

    private static final String SUFFIX = "_token";
    private static final String EXTRA = "extra_special_tokens";
    private static final String ADDITIONAL = "additional_special_tokens";

    /** The names of the tokens whose ids GGUF files have, under {@code tokenizer.ggml}. */
    private static final Map<String, List<String>> GGUF_KEYS = Map.of(
            "bos_token", List.of("bos_token_id"),
            "eos_token", List.of("eos_token_id"),
            "unk_token", List.of("unknown_token_id"),
            "sep_token", List.of("seperator_token_id", "separator_token_id"), // the first spelling is the writer's
            "pad_token", List.of("padding_token_id"),
            "cls_token", List.of("cls_token_id"),
            "mask_token", List.of("mask_token_id"));

    public SpecialTokens {
        byName = Map.copyOf(byName);
        additional = List.copyOf(additional);
    }

    /** The tokens in the metadata of a GGUF file. An id that is not in the vocabulary stands for no token. */
    static SpecialTokens of(Metadata metadata, Tokenizer tokenizer) {
        Map<String, String> byName = new TreeMap<>();
        GGUF_KEYS.forEach((name, keys) -> {
            for (String key : keys) {
                String path = "tokenizer.ggml." + key;
                if (metadata.has(path)
                        && metadata.value(path) instanceof Long id
                        && id >= 0
                        && id < tokenizer.vocabularySize()
                        && !tokenizer.isUnused(id.intValue())) {
                    byName.putIfAbsent(name, tokenizer.text(id.intValue()));
                }
            }
        });
        return new SpecialTokens(byName, List.of());
    }

    /**
     * The tokens in the files of a folder: those of {@code tokenizer_config.json}, which those of
     * {@code special_tokens_map.json} replace unless the former has an {@code added_tokens_decoder}.
     */
    static SpecialTokens of(Path folder, Optional<JsonFile> tokenizerConfig) {
        Map<String, JsonValue> values = new LinkedHashMap<>();
        tokenizerConfig.ifPresent(config -> addAll(values, config));
        if (tokenizerConfig.filter(config -> config.has("added_tokens_decoder")).isEmpty()) {
            JsonFile.readIfPresent(folder.resolve("special_tokens_map.json")).ifPresent(map -> addAll(values, map));
        }
        Map<String, String> byName = new TreeMap<>();
        List<String> additional = new ArrayList<>();
        values.forEach((name, value) -> {
            if (name.endsWith(SUFFIX)) {
                text(value).ifPresent(token -> byName.put(name, token));
            } else if (value.isArray()) {
                value.values().forEach(token -> text(token).ifPresent(additional::add));
            } else if (value.isObject()) {
                value.properties()
                        .forEach(token -> text(token.getValue()).ifPresent(text -> byName.put(token.getKey(), text)));
            }
        });
        return new SpecialTokens(byName, additional);
    }

    private static void addAll(Map<String, JsonValue> values, JsonFile file) {
        file.node().properties().forEach(property -> {
            String name = property.getKey();
            if (name.endsWith(SUFFIX) || name.equals(EXTRA) || name.equals(ADDITIONAL)) {
                values.put(name, property.getValue());
            }
        });
    }

    /** The text of a token, which some files wrap in an object with its options. */
    private static Optional<String> text(JsonValue token) {
        JsonValue text = token.isObject() ? token.path("content") : token;
        return text.isString() ? Optional.of(text.stringValue()) : Optional.empty();
    }
}
