package kawi.architecture.qwen35;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.RopeScaling;
import kawi.architecture.SizeCheck;
import kawi.architecture.qwen35.Qwen35Weights.Layer;
import kawi.architecture.qwen35.Qwen35Weights.LinearAttention;
import kawi.architecture.qwen35.Qwen35Weights.MixerWeights;
import kawi.architecture.qwen35.Qwen35Weights.Mtp;
import kawi.architecture.qwen35.Qwen35Weights.SelfAttention;
import kawi.checkpoint.GgufCheckpoint;
import kawi.files.Excerpt;
import kawi.gguf.Metadata;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a Qwen3.5 text model in a GGUF file of architecture {@code qwen35} (Qwen3.5 specification, sections 3.2 to
 * 3.4). Such files hold zero-centred norms with their 1 added, {@code ssm_a = -exp(A_log)}, and value heads in tiled
 * order unless {@code ssm.v_head_reordered} is false. Layers of multi-token prediction are blocks at the end, which may
 * or may not be part of the block count.
 *
 * <p>Tensors that the model does not need (of vision, prediction or other parts) may have any type. Tensors beside
 * those that it needs, which would change the result if they were used (biases, scales, frequency factors), are
 * rejected.
 */
public final class Qwen35Gguf {

    private static final Logger LOG = LoggerFactory.getLogger(Qwen35Gguf.class);

    private static final String PREDICTION_LAYERS = "nextn_predict_layers";
    private static final String RECURRENT_LAYERS = "attention.recurrent_layers";
    private static final String ATTENTION_INTERVAL = "full_attention_interval";
    private static final String KV_HEADS = "attention.head_count_kv";

    private static final Pattern PREDICTION_TENSOR = Pattern.compile("blk\\.(\\d{1,6})\\.nextn\\..*");

    /** Tensors beside the weights of a role. */
    private static final Pattern MODIFIER = Pattern.compile(
            "(blk\\.(?<block>\\d{1,6})\\.)?(?<role>output|token_embd|(attn|ffn|ssm)_\\w+)\\.(bias|scale|input_scale)");

    private static final String FREQUENCY_FACTORS = "rope_freqs.weight";

    private final GgufCheckpoint file;
    private final Metadata metadata;

    /** The prefix of the keys, which usually is the architecture's name. */
    private final String prefix;

    private final GgufSizes sizes;
    private final Qwen35Config config;
    private final RotatedInputs rotated;

    private Qwen35Gguf(GgufCheckpoint file) {
        this.file = file;
        this.metadata = file.metadata();
        this.prefix = metadata.has(file.architecture() + ".block_count") ? file.architecture() + "." : "qwen35.";
        int blocks = metadata.integer(prefix + "block_count", 1, SizeCheck.MAX_SIZE);
        this.sizes = new GgufSizes(file.name(), metadata, prefix, blocks, layers(blocks));
        this.config = readConfig();
        this.rotated = RotatedInputs.read(file, config);
        checkUnusedTensors();
    }

    /** The model in {@code file}. */
    public static Blueprint read(GgufCheckpoint file) {
        return new Qwen35Gguf(file).weights();
    }

    /** The number of blocks that are run: without those of multi-token prediction. */
    private int layers(int blocks) {
        String key = prefix + PREDICTION_LAYERS;
        int declared =
                metadata.ids(key).stream().mapToInt(Integer::intValue).max().orElse(0);
        int layers = blocks - declared;
        if (layers < 1 || layers > file.tensorNames().size()) {
            throw new ModelFileException(
                    "%s: key %sblock_count: %d blocks besides prediction layers do not fit %d tensors"
                            .formatted(
                                    file.name(),
                                    prefix,
                                    layers,
                                    file.tensorNames().size()));
        }
        int first = firstPredictionBlock();
        boolean contradictory = declared > 0
                && (first < layers || (layers < first && file.hasTensor("blk." + layers + ".attn_norm.weight")));
        if (contradictory) {
            throw new ModelFileException(
                    "%s: by the keys %sblock_count and %s, blocks from %d on are prediction layers, but by the tensors (nextn) %s"
                            .formatted(
                                    file.name(),
                                    prefix,
                                    key,
                                    layers,
                                    first == Integer.MAX_VALUE ? "there are none" : "those from " + first + " on are"));
        }
        return Math.min(layers, first);
    }

    /** The first block with tensors that only prediction layers have; the maximum integer if there is none. */
    private int firstPredictionBlock() {
        return file.tensorNames().stream()
                .filter(name -> name.contains(".nextn."))
                .map(PREDICTION_TENSOR::matcher)
                .filter(Matcher::matches)
                .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                .min()
                .orElse(Integer.MAX_VALUE);
    }

    private Qwen35Config readConfig() {
        checkUnsupported();
        List<Boolean> full = fullAttention();
        IntPredicate isFull = full::get;
        int headDim = sizes.size("attention.key_length", isFull);
        int valueDim = sizes.size("attention.value_length", isFull);
        if (valueDim != headDim) {
            throw sizes.refusal(
                    "attention.value_length",
                    "values of %d and keys of %d are not supported, only equal sizes".formatted(valueDim, headDim));
        }
        IntPredicate isRecurrent = isFull.negate();
        int valueHeads = sizes.size("ssm.time_step_rank", isRecurrent);
        int inner = sizes.size("ssm.inner_size", isRecurrent);
        if (inner % valueHeads != 0) {
            throw sizes.refusal(
                    "ssm.inner_size",
                    "%d channels cannot be divided among %d value heads".formatted(inner, valueHeads));
        }
        int rotaryDims = sizes.size("rope.dimension_count", isFull);
        GgufRope rope = new GgufRope(sizes);
        RopeScaling scaling = rope.scaling();
        Qwen35Config read = new Qwen35Config(
                sizes.size("embedding_length"),
                sizes.size("feed_forward_length"),
                file.tensor("token_embd.weight").rows(),
                scaling.contextLength(rope.declaredLength()),
                full,
                sizes.size("attention.head_count", isFull),
                sizes.size(KV_HEADS, isFull),
                headDim,
                rotaryDims,
                rope.theta(),
                Qwen35Config.sections(rope.sections(), rotaryDims),
                scaling,
                sizes.size("ssm.group_count", isRecurrent),
                valueHeads,
                sizes.size("ssm.state_size", isRecurrent),
                inner / valueHeads,
                sizes.size("ssm.conv_kernel", isRecurrent),
                (float) sizes.floating("attention.layer_norm_rms_epsilon"),
                sizes.optionalBool("ssm.v_head_reordered").orElse(true));
        read.check(file.name());
        return read;
    }

    /** Rejects what other models of llama.cpp have and this decoder does not, unless it is switched off. */
    private void checkUnsupported() {
        for (String key : List.of("expert_count", "attention.sliding_window")) {
            if (sizes.has(key) && metadata.ids(prefix + key).stream().anyMatch(value -> value != 0)) {
                throw sizes.refusal(key, "%s is not supported, only 0".formatted(metadata.value(prefix + key)));
            }
        }
        if (!sizes.optionalBool("attention.causal").orElse(true)) {
            throw sizes.refusal("attention.causal", "false is not supported");
        }
    }

    /** By a key of its own, or the published pattern, or the blocks without key/value heads; they must agree. */
    private List<Boolean> fullAttention() {
        int layers = sizes.layers();
        Optional<boolean[]> recurrent = sizes.flags(RECURRENT_LAYERS);
        Optional<boolean[]> withHeads = sizes.flags(KV_HEADS).filter(Qwen35Gguf::areMixed);
        OptionalInt interval = sizes.optionalInteger(ATTENTION_INTERVAL, 1, SizeCheck.MAX_SIZE);
        List<Boolean> full;
        if (recurrent.isPresent()) {
            full = IntStream.range(0, layers)
                    .mapToObj(layer -> !recurrent.get()[layer])
                    .toList();
        } else if (interval.isEmpty() && withHeads.isPresent()) {
            full = IntStream.range(0, layers)
                    .mapToObj(layer -> withHeads.get()[layer])
                    .toList();
        } else {
            full = Qwen35Config.everyNth(interval.orElse(4), layers);
        }
        for (int layer = 0; layer < layers; layer++) {
            if (full.get(layer) && withHeads.isPresent() && !withHeads.get()[layer]) {
                throw sizes.refusal(KV_HEADS, "block %d has full attention, but its entry is 0".formatted(layer));
            }
        }
        return full;
    }

    private static boolean areMixed(boolean[] flags) {
        boolean any = false;
        boolean all = true;
        for (boolean flag : flags) {
            any |= flag;
            all &= flag;
        }
        return any && !all;
    }

    /** Rejects tensors that would change the result if they were used. */
    private void checkUnusedTensors() {
        for (String name : file.tensorNames()) {
            if (name.equals(FREQUENCY_FACTORS)
                    || (!name.endsWith(".weight") && modifies(name) && !file.isFactor(name))) {
                throw new ModelFileException(
                        "%s: tensor %s is not supported in a Qwen3.5 model".formatted(file.name(), Excerpt.of(name)));
            }
        }
    }

    /** Whether a tensor goes with one that is used; the bias {@code ssm_dt} is itself one of those. */
    private boolean modifies(String name) {
        Matcher matcher = MODIFIER.matcher(name);
        if (!matcher.matches() || matcher.group("role").equals("ssm_dt")) {
            return false;
        }
        String block = matcher.group("block");
        return block == null || Integer.parseInt(block) < sizes.layers();
    }

    /** Whether tensors beside the weights of a block would change its result. */
    private boolean isModified(int block) {
        return file.tensorNames().stream()
                .map(MODIFIER::matcher)
                .anyMatch(matcher -> matcher.matches()
                        && String.valueOf(block).equals(matcher.group("block"))
                        && !file.isFactor(matcher.group()));
    }

    private Qwen35Weights weights() {
        int hidden = config.hiddenSize();
        int vocab = config.vocabSize();
        Tensor embedTokens = matrix("token_embd.weight", vocab, hidden);
        Tensor lmHead = file.hasTensor("output.weight") ? matrix("output.weight", vocab, hidden) : null;
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(layer(i, config.fullAttention().get(i)));
        }
        Mtp mtp = mtp(config.numHiddenLayers());
        return new Qwen35Weights(
                config,
                embedTokens,
                lmHead,
                file.vector("output_norm.weight", hidden),
                layers,
                mtp,
                unusedParts(mtp != null));
    }

    /** The layer of multi-token prediction, which follows the others, or null if there is none that can be run. */
    private @Nullable Mtp mtp(int block) {
        String blk = "blk." + block + ".";
        String nextn = blk + "nextn.";
        boolean single = file.tensorNames().stream().noneMatch(name -> name.startsWith("blk." + (block + 1) + "."));
        if (!file.hasTensor(nextn + "eh_proj.weight") || !single || isModified(block)) {
            return null;
        }
        int hidden = config.hiddenSize();
        try {
            return new Mtp(
                    file.tensor(nextn + "eh_proj.weight", hidden, 2 * hidden),
                    withOne(file.vector(nextn + "enorm.weight", hidden)),
                    withOne(file.vector(nextn + "hnorm.weight", hidden)),
                    layer(block, true),
                    file.vector(nextn + "shared_head_norm.weight", hidden),
                    optional(nextn + "embed_tokens.weight"),
                    optional(nextn + "shared_head_head.weight"));
        } catch (ModelFileException e) {
            LOG.warn("multi-token prediction is not used: {}", e.getMessage());
            return null;
        }
    }

    /**
     * Adds the 1 of a zero-centred norm that lacks it. Some converters recognize such norms by the end of their names
     * in the checkpoint, which those before {@code fc} do not have. Without the 1 about half of the weights are
     * negative, with it almost none.
     */
    private static float[] withOne(float[] weight) {
        int negative = 0;
        for (float w : weight) {
            negative += w < 0 ? 1 : 0;
        }
        if (negative > weight.length / 4) {
            for (int i = 0; i < weight.length; i++) {
                weight[i] += 1f;
            }
        }
        return weight;
    }

    private @Nullable Tensor optional(String name) {
        return file.hasTensor(name) ? file.tensor(name, config.vocabSize(), config.hiddenSize()) : null;
    }

    private Tensor matrix(String name, int rows, int columns) {
        return rotated.of(file.tensor(name, rows, columns));
    }

    private List<String> unusedParts(boolean usesMtp) {
        List<String> parts = new ArrayList<>();
        if (file.tensorNames().stream().anyMatch(name -> name.startsWith("v.") || name.startsWith("mm."))) {
            parts.add("vision");
        }
        if (!usesMtp
                && (firstPredictionBlock() < Integer.MAX_VALUE
                        || file.tensorNames().stream().anyMatch(name -> name.startsWith("mtp.")))) {
            parts.add("MTP");
        }
        return parts;
    }

    private Layer layer(int i, boolean full) {
        String blk = "blk." + i + ".";
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        return new Layer(
                file.vector(blk + "attn_norm.weight", hidden),
                full ? selfAttention(blk) : linearAttention(blk),
                file.vector(blk + "post_attention_norm.weight", hidden),
                matrix(blk + "ffn_gate.weight", intermediate, hidden),
                matrix(blk + "ffn_up.weight", intermediate, hidden),
                matrix(blk + "ffn_down.weight", hidden, intermediate));
    }

    private MixerWeights selfAttention(String blk) {
        int hidden = config.hiddenSize();
        int dim = config.headDim();
        int heads = config.numAttentionHeads();
        int kvHeads = config.numKeyValueHeads();
        return new SelfAttention(
                matrix(blk + "attn_q.weight", heads * 2 * dim, hidden),
                matrix(blk + "attn_k.weight", kvHeads * dim, hidden),
                matrix(blk + "attn_v.weight", kvHeads * dim, hidden),
                matrix(blk + "attn_output.weight", hidden, heads * dim),
                file.vector(blk + "attn_q_norm.weight", dim),
                file.vector(blk + "attn_k_norm.weight", dim));
    }

    private MixerWeights linearAttention(String blk) {
        int hidden = config.hiddenSize();
        int channels = config.deltaShape().channels();
        int valueHeads = config.linearNumValueHeads();
        int valueWidth = valueHeads * config.linearValueHeadDim();
        return new LinearAttention(
                matrix(blk + "attn_qkv.weight", channels, hidden),
                matrix(blk + "attn_gate.weight", valueWidth, hidden),
                matrix(blk + "ssm_beta.weight", valueHeads, hidden),
                matrix(blk + "ssm_alpha.weight", valueHeads, hidden),
                matrix(blk + "ssm_out.weight", hidden, valueWidth),
                file.tensor(blk + "ssm_conv1d.weight", channels, config.linearConvKernelDim()),
                file.vector(spelled(blk + "ssm_a", ""), valueHeads),
                file.vector(spelled(blk + "ssm_dt", ".bias"), valueHeads),
                file.vector(blk + "ssm_norm.weight", config.linearValueHeadDim()));
    }

    /** The name of a tensor that writers give with different endings; {@code usual} is that of llama.cpp. */
    private String spelled(String name, String usual) {
        return Stream.of(usual, "", ".weight")
                .map(ending -> name + ending)
                .filter(file::hasTensor)
                .findFirst()
                .orElse(name + usual);
    }
}
