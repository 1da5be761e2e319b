package kawi.architecture.vision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.quant.WeightFormats;

/**
 * A vision transformer of any size with random weights, as an {@code mmproj} file and as a direct computation in
 * double, one patch after another, of what the specification says.
 */
final class RandomTower {

    private final VisionConfig config;
    private final boolean fused;
    private final Map<String, float[]> weights = new HashMap<>();
    private final SplittableRandom random;

    /** @param fused whether queries, keys and values are one tensor in the file */
    RandomTower(VisionConfig config, boolean fused, long seed) {
        this.config = config;
        this.fused = fused;
        this.random = new SplittableRandom(seed);
    }

    /** Numbers between -1 and 1. */
    float[] numbers(int count) {
        return numbers(count, 1);
    }

    private float[] numbers(int count, double size) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (random.nextDouble(-1, 1) * size);
        }
        return numbers;
    }

    private float[] of(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    // ---- the file

    void writeTo(Path target) {
        GgufWriter file = new GgufWriter();
        describe(file);
        int hidden = config.hiddenSize();
        int patch = config.patchSize();
        for (int frame = 0; frame < config.temporalPatchSize(); frame++) {
            tensor(file, "v.patch_embd.weight" + (frame == 0 ? "" : "." + frame), patch, patch, 3, hidden);
        }
        tensor(file, "v.patch_embd.bias", hidden);
        tensor(file, "v.position_embd.weight", hidden, config.numPositionEmbeddings());
        for (int i = 0; i < config.depth(); i++) {
            String blk = "v.blk." + i + ".";
            norm(file, blk + "ln1", hidden);
            if (fused) {
                linear(file, blk + "attn_qkv", 3 * hidden, hidden);
            } else {
                linear(file, blk + "attn_q", hidden, hidden);
                linear(file, blk + "attn_k", hidden, hidden);
                linear(file, blk + "attn_v", hidden, hidden);
            }
            linear(file, blk + "attn_out", hidden, hidden);
            norm(file, blk + "ln2", hidden);
            linear(file, blk + "ffn_up", config.intermediateSize(), hidden);
            linear(file, blk + "ffn_down", hidden, config.intermediateSize());
        }
        norm(file, "v.post_ln", hidden);
        linear(file, "mm.0", config.mergedWidth(), config.mergedWidth());
        linear(file, "mm.2", config.outHiddenSize(), config.mergedWidth());
        try {
            file.writeTo(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void describe(GgufWriter file) {
        file.put("general.architecture", MetadataType.STRING, "clip")
                .put("clip.has_vision_encoder", MetadataType.BOOL, true)
                .put("clip.projector_type", MetadataType.STRING, "qwen3vl_merger")
                .put("clip.vision.attention.layer_norm_epsilon", MetadataType.FLOAT32, config.eps())
                .put("clip.vision.image_mean", MetadataType.FLOAT32, List.of(0.5f, 0.4f, 0.3f));
        Map.of(
                        "patch_size", config.patchSize(),
                        "embedding_length", config.hiddenSize(),
                        "feed_forward_length", config.intermediateSize(),
                        "block_count", config.depth(),
                        "attention.head_count", config.numHeads(),
                        "projection_dim", config.outHiddenSize(),
                        "spatial_merge_size", config.spatialMergeSize())
                .forEach((key, value) -> file.put("clip.vision." + key, MetadataType.UINT32, value));
    }

    private void norm(GgufWriter file, String name, int size) {
        tensor(file, name + ".weight", size);
        tensor(file, name + ".bias", size);
    }

    private void linear(GgufWriter file, String name, int outputs, int inputs) {
        tensor(file, name + ".weight", inputs, outputs);
        tensor(file, name + ".bias", outputs);
    }

    private void tensor(GgufWriter file, String name, long... shape) {
        int columns = (int) shape[0];
        long count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        float[] values = numbers((int) count, shape.length == 1 ? 1 : 1.7 / Math.sqrt(columns));
        weights.put(name, values);
        file.tensor(
                name,
                WeightFormats.byName("F32"),
                shape,
                (row, out) -> System.arraycopy(values, (int) row * columns, out, 0, columns));
    }

    // ---- the computation

    /** The result for pixels [patches][patch width]. */
    double[][] encode(float[] pixels, int gridHeight, int gridWidth) {
        int patches = gridHeight * gridWidth;
        double[][] x = new double[patches][];
        for (int p = 0; p < patches; p++) {
            x[p] = embed(pixels, p);
            addPosition(x[p], row(p, gridWidth), column(p, gridWidth), gridHeight, gridWidth);
        }
        for (int i = 0; i < config.depth(); i++) {
            String blk = "v.blk." + i + ".";
            double[][] attended = attend(blk, x, gridWidth);
            for (int p = 0; p < patches; p++) {
                add(x[p], linear(blk + "attn_out", attended[p]));
                double[] inner = linear(blk + "ffn_up", norm(blk + "ln2", x[p]));
                for (int j = 0; j < inner.length; j++) {
                    double v = inner[j];
                    inner[j] = v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
                }
                add(x[p], linear(blk + "ffn_down", inner));
            }
        }
        double[][] out = new double[patches / config.merged()][];
        for (int token = 0; token < out.length; token++) {
            double[] merged = new double[config.mergedWidth()];
            for (int i = 0; i < config.merged(); i++) {
                double[] normed = norm("v.post_ln", x[token * config.merged() + i]);
                System.arraycopy(normed, 0, merged, i * normed.length, normed.length);
            }
            double[] inner = linear("mm.0", merged);
            for (int j = 0; j < inner.length; j++) {
                inner[j] *= normal(inner[j]);
            }
            out[token] = linear("mm.2", inner);
        }
        return out;
    }

    /** The distribution function of the normal distribution: its series for small numbers, integrated for others. */
    private static double normal(double x) {
        double sum = x;
        double term = x;
        for (int n = 1; n < 200; n++) {
            term *= x * x / (2 * n + 1);
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    private int row(int patch, int gridWidth) {
        int merge = config.spatialMergeSize();
        return patch / config.merged() / (gridWidth / merge) * merge + patch % config.merged() / merge;
    }

    private int column(int patch, int gridWidth) {
        int merge = config.spatialMergeSize();
        return patch / config.merged() % (gridWidth / merge) * merge + patch % merge;
    }

    private double[] embed(float[] pixels, int patch) {
        double[] x = new double[config.hiddenSize()];
        int area = config.patchSize() * config.patchSize();
        int frames = config.temporalPatchSize();
        for (int o = 0; o < x.length; o++) {
            x[o] = of("v.patch_embd.bias")[o];
            for (int channel = 0; channel < 3; channel++) {
                for (int frame = 0; frame < frames; frame++) {
                    float[] kernel = of("v.patch_embd.weight" + (frame == 0 ? "" : "." + frame));
                    for (int i = 0; i < area; i++) {
                        int at = patch * config.patchWidth() + (channel * frames + frame) * area + i;
                        x[o] += (double) pixels[at] * kernel[(o * 3 + channel) * area + i];
                    }
                }
            }
        }
        return x;
    }

    private void addPosition(double[] x, int row, int column, int gridHeight, int gridWidth) {
        int side = config.tableSide();
        double y = gridHeight == 1 ? 0 : row * (side - 1.0) / (gridHeight - 1);
        double z = gridWidth == 1 ? 0 : column * (side - 1.0) / (gridWidth - 1);
        float[] table = of("v.position_embd.weight");
        for (int r = 0; r < side; r++) {
            for (int c = 0; c < side; c++) {
                double weight = Math.max(0, 1 - Math.abs(y - r)) * Math.max(0, 1 - Math.abs(z - c));
                for (int i = 0; i < x.length && weight > 0; i++) {
                    x[i] += weight * table[(r * side + c) * x.length + i];
                }
            }
        }
    }

    private double[][] attend(String blk, double[][] x, int gridWidth) {
        int dim = config.headDim();
        double[][][] qkv = new double[3][x.length][];
        for (int p = 0; p < x.length; p++) {
            double[] h = norm(blk + "ln1", x[p]);
            if (fused) {
                double[] all = linear(blk + "attn_qkv", h);
                for (int i = 0; i < 3; i++) {
                    qkv[i][p] = Arrays.copyOfRange(all, i * h.length, (i + 1) * h.length);
                }
            } else {
                qkv[0][p] = linear(blk + "attn_q", h);
                qkv[1][p] = linear(blk + "attn_k", h);
                qkv[2][p] = linear(blk + "attn_v", h);
            }
            for (int head = 0; head < config.numHeads(); head++) {
                rotate(qkv[0][p], head * dim, row(p, gridWidth), column(p, gridWidth));
                rotate(qkv[1][p], head * dim, row(p, gridWidth), column(p, gridWidth));
            }
        }
        double[][] out = new double[x.length][config.hiddenSize()];
        double[] score = new double[x.length];
        for (int head = 0; head < config.numHeads(); head++) {
            for (int p = 0; p < x.length; p++) {
                double mass = 0;
                for (int k = 0; k < x.length; k++) {
                    double dot = 0;
                    for (int d = head * dim; d < (head + 1) * dim; d++) {
                        dot += qkv[0][p][d] * qkv[1][k][d];
                    }
                    score[k] = Math.exp(dot / Math.sqrt(dim));
                    mass += score[k];
                }
                for (int k = 0; k < x.length; k++) {
                    for (int d = head * dim; d < (head + 1) * dim; d++) {
                        out[p][d] += score[k] / mass * qkv[2][k][d];
                    }
                }
            }
        }
        return out;
    }

    private void rotate(double[] x, int at, int row, int column) {
        int half = config.headDim() / 2;
        for (int j = 0; j < half; j++) {
            int m = j % (half / 2);
            double angle = (j < half / 2 ? row : column) * Math.pow(10000, -2.0 * m / half);
            double a = x[at + j];
            double b = x[at + half + j];
            x[at + j] = a * Math.cos(angle) - b * Math.sin(angle);
            x[at + half + j] = b * Math.cos(angle) + a * Math.sin(angle);
        }
    }

    private double[] norm(String name, double[] x) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double variance =
                Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double normed = (x[i] - mean) / Math.sqrt(variance + config.eps());
            y[i] = normed * of(name + ".weight")[i] + of(name + ".bias")[i];
        }
        return y;
    }

    private double[] linear(String name, double[] x) {
        float[] bias = of(name + ".bias");
        float[] weight = of(name + ".weight");
        double[] y = new double[bias.length];
        for (int o = 0; o < y.length; o++) {
            y[o] = bias[o];
            for (int i = 0; i < x.length; i++) {
                y[o] += x[i] * weight[o * x.length + i];
            }
        }
        return y;
    }

    private static void add(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
    }
}
