package kawi.quantize;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import kawi.Sampling;
import kawi.checkpoint.ChatTemplates;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.tokenizer.Tokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata of a Hugging Face folder that concerns text, in the form of GGUF files: vocabulary, special tokens, chat
 * templates and sampling defaults.
 */
final class TextKeys {

    private static final Logger LOG = LoggerFactory.getLogger(TextKeys.class);

    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TEMPLATE = "tokenizer.chat_template";
    private static final String DEFAULT = "default";

    /** The keys of special tokens by the names that Hugging Face folders give them. */
    private static final Map<String, String> SPECIAL = Map.of(
            "bos_token", "bos_token_id",
            "unk_token", "unknown_token_id",
            "sep_token", "seperator_token_id", // this is how the format spells it
            "pad_token", "padding_token_id",
            "cls_token", "cls_token_id",
            "mask_token", "mask_token_id");

    private final HuggingFaceCheckpoint folder;
    private final GgufWriter file;

    private TextKeys(HuggingFaceCheckpoint folder, GgufWriter file) {
        this.folder = folder;
        this.file = file;
    }

    /** @param vocabularySize the number of rows of the embedding */
    static void put(HuggingFaceCheckpoint folder, int vocabularySize, GgufWriter file) {
        TextKeys keys = new TextKeys(folder, file);
        keys.putTokenizer(vocabularySize);
        keys.putTemplates();
        folder.sampling().ifPresent(keys::putSampling);
    }

    private void putTokenizer(int size) {
        Tokenizer tokenizer = folder.tokenizer();
        if (tokenizer == null) {
            return;
        }
        folder.vocabulary(size).ifPresent(vocabulary -> vocabulary.putInto(file));
        Map<String, String> special = folder.specialTokens(tokenizer).byName();
        SPECIAL.forEach((name, key) -> {
            if (special.containsKey(name)) {
                tokenizer.id(special.get(name)).ifPresent(id -> put(key, id));
            }
        });
        putEnds(tokenizer, special);
        boolean begins = special.containsKey("bos_token")
                && tokenizer.encodeWithSpecials("").length > 0
                && OptionalInt.of(tokenizer.encodeWithSpecials("")[0]).equals(tokenizer.id(special.get("bos_token")));
        file.put(PREFIX + "add_bos_token", MetadataType.BOOL, begins);
    }

    private void putEnds(Tokenizer tokenizer, Map<String, String> special) {
        Set<Integer> ends = new LinkedHashSet<>();
        if (special.containsKey("eos_token")) {
            tokenizer.id(special.get("eos_token")).ifPresent(ends::add);
        }
        ends.addAll(folder.endTokens(tokenizer));
        if (!ends.isEmpty()) {
            put("eos_token_id", ends.iterator().next());
        }
        if (ends.size() > 1) {
            file.put(PREFIX + "eos_token_ids", MetadataType.INT32, List.copyOf(ends));
        }
    }

    private void put(String key, int id) {
        file.put(PREFIX + key, MetadataType.UINT32, id);
    }

    private void putTemplates() {
        ChatTemplates templates = folder.chatTemplates();
        List<String> named = new ArrayList<>();
        templates.byName().forEach((name, source) -> {
            if (templates.byName().size() == 1 || name.equals(DEFAULT)) {
                file.put(TEMPLATE, MetadataType.STRING, source);
            } else {
                file.put(TEMPLATE + "." + name, MetadataType.STRING, source);
                named.add(name);
            }
        });
        if (!named.isEmpty()) {
            file.put("tokenizer.chat_templates", MetadataType.STRING, named);
        }
    }

    private void putSampling(Sampling sampling) {
        Sampling usual = Sampling.defaults();
        putNumber("temp", sampling.temperature());
        if (sampling.topK() != usual.topK()) {
            file.put("general.sampling.top_k", MetadataType.INT32, sampling.topK());
        }
        if (sampling.topP() != usual.topP()) {
            putNumber("top_p", sampling.topP());
        }
        if (sampling.minP() != usual.minP()) {
            putNumber("min_p", sampling.minP());
        }
        if (sampling.repetitionPenalty() != usual.repetitionPenalty()) {
            putNumber("penalty_repeat", sampling.repetitionPenalty());
        }
        boolean lost = sampling.presencePenalty() != usual.presencePenalty()
                || sampling.frequencyPenalty() != usual.frequencyPenalty()
                || sampling.typicalP() != usual.typicalP();
        if (lost) {
            LOG.warn(
                    "{}: the defaults of presence_penalty, frequency_penalty and typical_p are not written, because GGUF files have no keys for them",
                    folder.name());
        }
    }

    private void putNumber(String key, double value) {
        file.put("general.sampling." + key, MetadataType.FLOAT32, value);
    }
}
