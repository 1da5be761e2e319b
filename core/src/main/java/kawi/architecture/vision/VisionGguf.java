package kawi.architecture.vision;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.architecture.SizeCheck;
import kawi.architecture.vision.VisionWeights.Block;
import kawi.architecture.vision.VisionWeights.Linear;
import kawi.architecture.vision.VisionWeights.Merger;
import kawi.architecture.vision.VisionWeights.Norm;
import kawi.checkpoint.GgufCheckpoint;
import kawi.files.Excerpt;
import kawi.gguf.Metadata;
import kawi.image.PatchShape;
import kawi.quant.Tensor;
import kawi.quant.WeightFormats;

/**
 * Finds the vision transformer in an {@code mmproj} file of llama.cpp (Qwen3.5 specification, section 3.5), which holds
 * the two frames of the patch kernel as two tensors, queries, keys and values together or apart, and the merger's norm
 * under the name {@code v.post_ln}.
 */
final class VisionGguf {

    private static final String ARCHITECTURE = "general.architecture";
    private static final String PROJECTOR = "clip.projector_type";
    private static final String VISION_PROJECTOR = "clip.vision.projector_type";
    private static final String SUPPORTED_PROJECTOR = "qwen3vl_merger";
    private static final String DEEPSTACK = "clip.vision.is_deepstack_layers";
    private static final String PATCH_EMBED = "v.patch_embd.weight";

    /** The kernel's second frame. */
    private static final String SECOND_FRAME = PATCH_EMBED + ".1";

    private static final String POSITIONS = "v.position_embd.weight";
    private static final String CHANNELS = "clip.vision.num_channels";

    /** Tensors of features that this transformer does not have, any of which changes the result. */
    private static final Pattern UNSUPPORTED = Pattern.compile(
            "v\\.deepstack\\..*|v\\.class_embd.*|v\\.pre_ln\\..*|v\\.blk\\.\\d+\\.(ls\\d|attn_[qk]_norm|ffn_gate|attn_sinks)\\b.*"
                    + "|mm\\.(model|input|[13-9]).*");

    private final GgufCheckpoint file;
    private final Metadata metadata;

    private VisionGguf(GgufCheckpoint file) {
        this.file = file;
        this.metadata = file.metadata();
    }

    /** Whether the file has a vision transformer, supported or not. */
    static boolean present(GgufCheckpoint file) {
        Metadata metadata = file.metadata();
        return metadata.optionalString(ARCHITECTURE).orElse("").equals("clip")
                && (metadata.optionalBool("clip.has_vision_encoder").orElse(false) || file.hasTensor(PATCH_EMBED));
    }

    static VisionConfig config(GgufCheckpoint file) {
        return new VisionGguf(file).config();
    }

    private VisionConfig config() {
        if (!present(file)) {
            throw new ModelFileException(
                    "%s has no vision encoder; an mmproj file with general.architecture \"clip\" is expected"
                            .formatted(file.name()));
        }
        String projector = metadata.has(PROJECTOR)
                ? metadata.string(PROJECTOR)
                : metadata.optionalString(VISION_PROJECTOR).orElse("");
        if (!projector.equals(SUPPORTED_PROJECTOR)) {
            throw new ModelFileException("%s: key %s: \"%s\" is not supported, only \"%s\", the one of Qwen3.5"
                    .formatted(file.name(), PROJECTOR, Excerpt.of(projector), SUPPORTED_PROJECTOR));
        }
        rejectDeepstack();
        if (metadata.optionalBool("clip.use_silu").orElse(false)
                || !metadata.optionalBool("clip.use_gelu").orElse(true)) {
            throw new ModelFileException(
                    "%s: keys clip.use_gelu and clip.use_silu: only GELU is supported".formatted(file.name()));
        }
        VisionConfig config = new VisionConfig(
                size("block_count"),
                size("embedding_length"),
                size("feed_forward_length"),
                size("attention.head_count"),
                metadata.optionalInteger(CHANNELS, 1, SizeCheck.MAX_SIZE).orElse(3),
                size("patch_size"),
                file.hasTensor(SECOND_FRAME) ? 2 : 1,
                metadata.optionalInteger("clip.vision.spatial_merge_size", 1, SizeCheck.MAX_SIZE)
                        .orElse(2),
                size("projection_dim"),
                file.tensor(POSITIONS).rows(),
                (float) metadata.optionalFloating("clip.vision.attention.layer_norm_epsilon")
                        .orElse(1e-6));
        config.check(file.name());
        rejectUnsupported(config.depth());
        return config;
    }

    private int size(String key) {
        return metadata.integer("clip.vision." + key, 1, SizeCheck.MAX_SIZE);
    }

    private void rejectDeepstack() {
        if (!metadata.has(DEEPSTACK)) {
            return;
        }
        for (boolean deepstack : metadata.bools(DEEPSTACK)) {
            if (deepstack) {
                throw new ModelFileException(
                        "%s: key %s is true for some blocks, but deepstack, in which the text model reads the outputs of several vision blocks, is not supported"
                                .formatted(file.name(), DEEPSTACK));
            }
        }
    }

    private void rejectUnsupported(int depth) {
        Set<String> names = file.tensorNames();
        for (String name : names) {
            if (UNSUPPORTED.matcher(name).matches() || name.startsWith("v.blk." + depth + ".")) {
                throw new ModelFileException("%s: tensor %s belongs to a vision encoder that Qwen3.5 does not have"
                        .formatted(file.name(), Excerpt.of(name)));
            }
        }
    }

    static PatchShape patchShape(GgufCheckpoint file, VisionConfig config) {
        Metadata metadata = file.metadata();
        PatchShape usual = PatchShape.DEFAULT;
        try {
            return new PatchShape(
                    config.patchSize(),
                    config.temporalPatchSize(),
                    config.spatialMergeSize(),
                    colours(metadata, "clip.vision.image_mean", usual.mean()),
                    colours(metadata, "clip.vision.image_std", usual.std()),
                    metadata.optionalInteger("clip.vision.image_min_pixels", 1, Integer.MAX_VALUE)
                            .orElse((int) usual.minPixels()),
                    metadata.optionalInteger("clip.vision.image_max_pixels", 1, Integer.MAX_VALUE)
                            .orElse((int) usual.maxPixels()),
                    usual.film());
        } catch (IllegalArgumentException e) {
            throw new ModelFileException("%s: %s".formatted(file.name(), e.getMessage()));
        }
    }

    private static float[] colours(Metadata metadata, String key, float[] otherwise) {
        return metadata.has(key) ? metadata.floats(key) : otherwise;
    }

    static VisionWeights weights(GgufCheckpoint file, VisionConfig config) {
        return new VisionGguf(file).weights(config);
    }

    private VisionWeights weights(VisionConfig config) {
        int hidden = config.hiddenSize();
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < config.depth(); i++) {
            String blk = "v.blk." + i + ".";
            List<Linear> qkv = queriesKeysValues(blk, hidden);
            blocks.add(new Block(
                    norm(blk + "ln1", hidden),
                    qkv.get(0),
                    qkv.get(1),
                    qkv.get(2),
                    linear(blk + "attn_out", hidden, hidden),
                    norm(blk + "ln2", hidden),
                    linear(blk + "ffn_up", config.intermediateSize(), hidden),
                    linear(blk + "ffn_down", hidden, config.intermediateSize())));
        }
        int merged = config.mergedWidth();
        return new VisionWeights(
                patchEmbed(config),
                file.tensor(POSITIONS, config.numPositionEmbeddings(), hidden),
                blocks,
                new Merger(
                        norm("v.post_ln", hidden),
                        linear("mm.0", merged, merged),
                        linear("mm.2", config.outHiddenSize(), merged)));
    }

    private List<Linear> queriesKeysValues(String blk, int hidden) {
        if (file.hasTensor(blk + "attn_qkv.weight")) {
            Linear all = linear(blk + "attn_qkv", 3 * hidden, hidden);
            return List.of(all.outputs(0, hidden), all.outputs(hidden, hidden), all.outputs(2 * hidden, hidden));
        }
        return List.of(
                linear(blk + "attn_q", hidden, hidden),
                linear(blk + "attn_k", hidden, hidden),
                linear(blk + "attn_v", hidden, hidden));
    }

    /**
     * The kernel as a matrix: per output and frame the file has [channels][rows][columns], and the matrix has
     * [channels][frames][rows][columns].
     */
    private Linear patchEmbed(VisionConfig config) {
        int hidden = config.hiddenSize();
        int frames = config.temporalPatchSize();
        int pixels = config.patchSize() * config.patchSize();
        int channels = config.inChannels();
        List<Tensor> kernels = new ArrayList<>();
        for (int frame = 0; frame < frames; frame++) {
            kernels.add(file.tensor(
                    frame == 0 ? PATCH_EMBED : SECOND_FRAME,
                    hidden * channels * config.patchSize(),
                    config.patchSize()));
        }
        float[] matrix = new float[hidden * config.patchWidth()];
        for (int frame = 0; frame < frames; frame++) {
            float[] kernel = kernels.get(frame).toFloats();
            for (int plane = 0; plane < hidden * channels; plane++) {
                System.arraycopy(kernel, plane * pixels, matrix, (plane * frames + frame) * pixels, pixels);
            }
        }
        MemorySegment data = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, matrix);
        return new Linear(
                new Tensor(PATCH_EMBED, WeightFormats.byName("F32"), hidden, config.patchWidth(), data),
                file.vector("v.patch_embd.bias", hidden));
    }

    private Linear linear(String name, int outputs, int inputs) {
        return new Linear(file.tensor(name + ".weight", outputs, inputs), file.vector(name + ".bias", outputs));
    }

    private Norm norm(String name, int size) {
        return new Norm(file.vector(name + ".weight", size), file.vector(name + ".bias", size));
    }
}
