package kawi.random;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import kawi.Progress;
import kawi.RandomModel;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/**
 * Writes the vision part of a Qwen3.5 model with random weights as an {@code mmproj} file. Matrices are normally
 * distributed with mean 0 and standard deviation {@code 1 / sqrt(columns)}; norms {@code 1 + 0.1 N}, biases {@code 0.02
 * N}, positions {@code 0.5 N}. As in published files, vectors, the patch kernel and the table of positions are F32, and
 * a matrix whose rows do not divide into blocks is F16.
 */
public final class RandomVisionWriter {

    private final RandomVisionShape shape;
    private final QuantizationMix mix;
    private final RandomTensors tensors;

    private RandomVisionWriter(RandomVisionShape shape, QuantizationMix mix, long seed) {
        this.shape = shape;
        this.mix = mix;
        this.tensors = new RandomTensors(seed);
        plan();
    }

    /** Writes the vision part of a model, see {@link RandomModel#writeVisionTo}. */
    public static void write(RandomModel model, Path target, Progress progress) {
        RandomVisionShape shape = RandomVisionShape.of(RandomShape.named(model.size()));
        QuantizationMix mix = QuantizationMix.named(model.type());
        GgufWriter file = new GgufWriter();
        describe(file, shape, mix, model.size());
        try {
            new RandomVisionWriter(shape, mix, model.seed()).tensors.writeTo(file, target, progress);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void plan() {
        int hidden = shape.hidden();
        int patch = RandomVisionShape.PATCH;
        double kernel = 1 / Math.sqrt(RandomVisionShape.FRAMES * 3.0 * patch * patch);
        for (String frame : List.of("", ".1")) {
            tensors.vector(
                    "v.patch_embd.weight" + frame,
                    new long[] {patch, patch, 3, hidden},
                    r -> r.nextGaussian(0, kernel));
        }
        bias("v.patch_embd", hidden);
        tensors.vector(
                "v.position_embd.weight",
                new long[] {hidden, (long) shape.tableSide() * shape.tableSide()},
                r -> r.nextGaussian(0, 0.5));
        for (int i = 0; i < shape.depth(); i++) {
            String blk = "v.blk." + i + ".";
            norm(blk + "ln1", hidden);
            linear(blk + "attn_qkv", 3 * hidden, hidden, i);
            linear(blk + "attn_out", hidden, hidden, i);
            norm(blk + "ln2", hidden);
            linear(blk + "ffn_up", shape.intermediate(), hidden, i);
            linear(blk + "ffn_down", hidden, shape.intermediate(), i);
        }
        int merged = RandomVisionShape.MERGE * RandomVisionShape.MERGE * hidden;
        norm("v.post_ln", hidden);
        linear("mm.0", merged, merged, 0);
        linear("mm.2", shape.out(), merged, 0);
    }

    private void linear(String name, int rows, int columns, int block) {
        String kind = name.substring(name.lastIndexOf('.') + 1);
        WeightFormat format = mix.layer(kind, block, shape.depth());
        boolean whole = columns % format.blockSize() == 0;
        tensors.matrix(
                name + ".weight", rows, columns, whole ? format : WeightFormats.byName("F16"), 1 / Math.sqrt(columns));
        bias(name, rows);
    }

    private void norm(String name, int size) {
        tensors.vector(name + ".weight", new long[] {size}, r -> r.nextGaussian(1, 0.1));
        bias(name, size);
    }

    private void bias(String name, int size) {
        tensors.vector(name + ".bias", new long[] {size}, r -> r.nextGaussian(0, 0.02));
    }

    private static void describe(GgufWriter file, RandomVisionShape shape, QuantizationMix mix, String size) {
        file.put("general.architecture", MetadataType.STRING, "clip")
                .put("general.type", MetadataType.STRING, "mmproj")
                .put("general.name", MetadataType.STRING, "random-qwen3.5-" + size)
                .put("general.file_type", MetadataType.UINT32, mix.fileType)
                .put("clip.has_vision_encoder", MetadataType.BOOL, true)
                .put("clip.projector_type", MetadataType.STRING, "qwen3vl_merger")
                .put("clip.use_gelu", MetadataType.BOOL, true)
                .put("clip.vision.attention.layer_norm_epsilon", MetadataType.FLOAT32, 1e-6f)
                .put("clip.vision.image_mean", MetadataType.FLOAT32, List.of(0.5f, 0.5f, 0.5f))
                .put("clip.vision.image_std", MetadataType.FLOAT32, List.of(0.5f, 0.5f, 0.5f))
                .put("clip.vision.is_deepstack_layers", MetadataType.BOOL, Collections.nCopies(shape.depth(), false));
        size(file, "image_size", shape.tableSide() * RandomVisionShape.PATCH);
        size(file, "patch_size", RandomVisionShape.PATCH);
        size(file, "embedding_length", shape.hidden());
        size(file, "feed_forward_length", shape.intermediate());
        size(file, "block_count", shape.depth());
        size(file, "attention.head_count", shape.heads());
        size(file, "projection_dim", shape.out());
        size(file, "spatial_merge_size", RandomVisionShape.MERGE);
    }

    private static void size(GgufWriter file, String key, int value) {
        file.put("clip.vision." + key, MetadataType.UINT32, value);
    }
}
