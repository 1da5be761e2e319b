package kawi.architecture.qwen35;

import kawi.ModelFileException;
import kawi.architecture.PermutedSource;
import kawi.architecture.qwen35.Qwen35Weights.Layer;
import kawi.architecture.qwen35.Qwen35Weights.LinearAttention;
import kawi.architecture.qwen35.Qwen35Weights.MixerWeights;
import kawi.architecture.qwen35.Qwen35Weights.SelfAttention;
import kawi.quant.Tensor;

/**
 * Numbers the value heads of linear attention as GGUF files do (Qwen3.5 specification, section 3.3): published
 * checkpoints have those of a key head next to each other, GGUF files those at the same place of all key heads.
 *
 * <pre>
 *    tiled head j * keyHeads + k = grouped head k * (valueHeads / keyHeads) + j
 * </pre>
 */
final class TiledHeads {

    private final Qwen35Config config;
    private final int[] order;

    private TiledHeads(Qwen35Config config) {
        this.config = config;
        int keyHeads = config.linearNumKeyHeads();
        order = new int[config.linearNumValueHeads()];
        for (int head = 0; head < order.length; head++) {
            order[head] = head % keyHeads * (order.length / keyHeads) + head / keyHeads;
        }
    }

    /** The same model with tiled value heads. */
    static Qwen35Weights of(Qwen35Weights weights) {
        Qwen35Config config = weights.config();
        if (config.tiledValueHeads()) {
            return weights;
        }
        TiledHeads heads = new TiledHeads(config);
        return new Qwen35Weights(
                config.withTiledValueHeads(),
                weights.embedTokens(),
                weights.lmHead(),
                weights.norm(),
                weights.layers().stream().map(heads::layer).toList(),
                weights.mtp(),
                weights.unusedParts());
    }

    private Layer layer(Layer layer) {
        return new Layer(
                layer.inputLayernorm(),
                mixer(layer.mixer()),
                layer.postAttentionLayernorm(),
                layer.gateProj(),
                layer.upProj(),
                layer.downProj());
    }

    private MixerWeights mixer(MixerWeights mixer) {
        return switch (mixer) {
            case SelfAttention full -> full;
            case LinearAttention linear -> {
                int keys = 2 * config.linearNumKeyHeads() * config.linearKeyHeadDim();
                int dim = config.linearValueHeadDim();
                yield new LinearAttention(
                        rows(linear.inProjQkv(), keys, dim),
                        rows(linear.inProjZ(), 0, dim),
                        rows(linear.inProjB(), 0, 1),
                        rows(linear.inProjA(), 0, 1),
                        columns(linear.outProj(), dim),
                        rows(linear.conv1d(), keys, dim),
                        vector(linear.rate()),
                        vector(linear.dtBias()),
                        linear.norm());
            }
        };
    }

    /** A matrix with {@code dim} rows for each head, from row {@code first} on. */
    private Tensor rows(Tensor matrix, int first, int dim) {
        return permuted(matrix, first * matrix.rowBytes(), dim * matrix.rowBytes());
    }

    /** A matrix with {@code dim} columns for each head. */
    private Tensor columns(Tensor matrix, int dim) {
        if (dim % matrix.format().blockSize() != 0) {
            throw new ModelFileException(
                    "tensor %s: value heads of %d columns cannot be reordered, because weights in %s form blocks of %d"
                            .formatted(
                                    matrix.name(),
                                    dim,
                                    matrix.format().name(),
                                    matrix.format().blockSize()));
        }
        return permuted(matrix, 0, matrix.format().bytes(dim));
    }

    private Tensor permuted(Tensor matrix, long start, long pieceBytes) {
        return matrix.with(matrix.format(), new PermutedSource(matrix.source(), start, pieceBytes, order));
    }

    private float[] vector(float[] ofHeads) {
        float[] tiled = new float[ofHeads.length];
        for (int head = 0; head < tiled.length; head++) {
            tiled[head] = ofHeads[order[head]];
        }
        return tiled;
    }
}
