package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kawi.Model;
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataArray;
import kawi.gguf.MetadataType;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** However a writer spells the demo model, it is the same model: the same ids, the same end. */
class SpellingsPropertyTest {

    private static final Path DEMO = Path.of("../examples/demo-model/src/main/resources/kawi/demo/demo-q8_0.gguf");
    private static final String PROMPT = "Tell me a story about a fox who lost a kite.";
    private static final int BLOCKS = 5;
    private static final int FULL_ATTENTION = 3;

    private static final Description EXPECTED = describe(DEMO);

    private record Description(String answer, Set<Integer> endTokens, int contextLength, long parameters) {

        Description withParameters(long changed) {
            return new Description(answer, endTokens, contextLength, changed);
        }
    }

    private static Description describe(Path path) {
        try (Model model = Model.loader(path).threads(1).load()) {
            return new Description(
                    model.prompt(PROMPT).temperature(0).maxTokens(12).generate().text(),
                    model.endTokens(),
                    model.contextLength(),
                    model.parameters());
        }
    }

    /** One change that keeps the meaning. */
    private interface Spelling extends UnaryOperator<GgufEdit> {}

    private static Spelling retyped(String key, MetadataType type) {
        return edit -> edit.value(key) instanceof MetadataArray ? edit : edit.put(key, type, edit.value(key));
    }

    /** A size for each block, or only for those that are run. */
    private static Spelling forEachBlock(String key, boolean prediction, boolean attentionOnly) {
        return edit -> {
            if (!(edit.value(key) instanceof Number size)) {
                return edit;
            }
            List<Object> entries = new ArrayList<>();
            for (int block = 0; block < (prediction ? BLOCKS : BLOCKS - 1); block++) {
                entries.add(attentionOnly && block != FULL_ATTENTION ? 0 : size);
            }
            return edit.put(key, MetadataType.UINT32, entries);
        };
    }

    private static Spelling put(String key, MetadataType type, Object value) {
        return edit -> value instanceof List<?> values ? edit.put(key, type, values) : edit.put(key, type, value);
    }

    private static Spelling removed(String key) {
        return edit -> edit.has(key) ? edit.remove(key) : edit;
    }

    private static final long HEAD_PARAMETERS = 591_232;

    private static boolean hasHead(GgufEdit edit) {
        return edit.has("qwen35.nextn_predict_layers");
    }

    private static final List<Spelling> SPELLINGS = List.of(
            forEachBlock("qwen35.attention.head_count_kv", true, true),
            forEachBlock("qwen35.attention.head_count_kv", false, true),
            forEachBlock("qwen35.attention.head_count", true, false),
            forEachBlock("qwen35.attention.head_count", false, true),
            forEachBlock("qwen35.feed_forward_length", true, false),
            forEachBlock("qwen35.feed_forward_length", false, false),
            retyped("qwen35.embedding_length", MetadataType.UINT64),
            retyped("qwen35.ssm.conv_kernel", MetadataType.INT8),
            retyped("qwen35.ssm.state_size", MetadataType.INT32),
            retyped("qwen35.rope.freq_base", MetadataType.FLOAT64),
            retyped("qwen35.context_length", MetadataType.INT64),
            put("qwen35.rope.freq_base", MetadataType.UINT32, 10_000),
            put("qwen35.rope.dimension_sections", MetadataType.INT32, List.of(3, 3, 2)),
            put("qwen35.rope.mrope_interleaved", MetadataType.BOOL, true),
            put("qwen35.rope.scaling.type", MetadataType.STRING, "none"),
            put("qwen35.rope.scaling.factor", MetadataType.FLOAT32, 1f),
            put("qwen35.rope.scale_linear", MetadataType.FLOAT32, 0f),
            put("qwen35.ssm.v_head_reordered", MetadataType.BOOL, true),
            put("qwen35.attention.sliding_window", MetadataType.INT32, -1),
            put("qwen35.expert_count", MetadataType.UINT32, 0),
            put("qwen35.vision.block_count", MetadataType.UINT32, 1),
            put("qwen35.attention.recurrent_layers", MetadataType.BOOL, List.of(true, true, true, false, false)),
            removed("qwen35.full_attention_interval"),
            removed("qwen35.nextn_predict_layers"),
            removed("tokenizer.ggml.token_type"),
            put("tokenizer.ggml.eot_token_id", MetadataType.UINT32, 0xFFFF_FFFFL),
            put("tokenizer.ggml.bos_token_id", MetadataType.INT32, -1),
            put("general.alignment", MetadataType.UINT32, 64),
            put("general.file_type", MetadataType.STRING, "unknown"),
            put("split.count", MetadataType.UINT16, 0),
            edit -> edit.renameTensors(name -> name.replace("ssm_dt.bias", "ssm_dt")),
            edit -> hasHead(edit) ? edit.removeTensors(name -> name.startsWith("blk.4.")) : edit,
            edit -> {
                String name = edit.value("general.architecture").toString();
                return edit.put("general.architecture", MetadataType.STRING, "qwen3_5")
                        .renameKeys(key -> key.replaceFirst("^" + name + "\\.", "qwen3_5."));
            });

    /** The index of the one that removes the layer for multi-token prediction but not its metadata. */
    private static final int WITHOUT_HEAD = SPELLINGS.size() - 2;

    @Provide
    Arbitrary<List<Integer>> spellings() {
        return Arbitraries.integers()
                .between(0, SPELLINGS.size() - 1)
                .list()
                .uniqueElements()
                .ofMinSize(1)
                .ofMaxSize(12)
                .map(chosen -> chosen.stream().sorted().toList()); // renaming of all keys comes last
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void anySpellingGivesTheSameModel(@ForAll("spellings") List<Integer> spellings, @ForAll long seed)
            throws IOException {
        GgufEdit edit = GgufEdit.of(DEMO);
        Description expected = EXPECTED;
        for (int spelling : spellings) {
            if (spelling == WITHOUT_HEAD && hasHead(edit)) {
                expected = EXPECTED.withParameters(EXPECTED.parameters() - HEAD_PARAMETERS);
            }
            edit = SPELLINGS.get(spelling).apply(edit);
        }
        Path folder = Files.createTempDirectory("kawi");
        try {
            Random random = new Random(seed);
            Path path;
            if (random.nextInt(3) == 0) {
                List<Path> parts = new ArrayList<>(edit.split(folder, "demo", 2 + random.nextInt(4)));
                Collections.shuffle(parts, random);
                path = parts.getFirst();
            } else {
                path = edit.writeTo(folder.resolve("demo.gguf"));
            }
            assertEquals(expected, describe(path));
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
