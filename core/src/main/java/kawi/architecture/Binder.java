package kawi.architecture;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kawi.compute.Compute;
import kawi.kernels.PackedMatrix;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;

/**
 * Converts a checkpoint's weights to the forms that layers use.
 *
 * @param arena owns the converted weights; the checkpoint's own memory must live as long
 */
public record Binder(Compute compute, Arena arena) {

    /** A matrix in the tier's layout. */
    public PackedMatrix matrix(Tensor tensor) {
        return compute.pack(tensor, arena);
    }

    /**
     * A matrix of which single rows are read while the model is used. If reading converts them, that is done now, and
     * the matrix is held in memory.
     */
    public Tensor rows(Tensor tensor) {
        return tensor.source().isConverted()
                ? tensor.with(tensor.format(), TensorSource.of(tensor.rows(0, tensor.rows(), arena)))
                : tensor;
    }

    /** A vector off heap. */
    public MemorySegment vector(float[] values) {
        MemorySegment segment = arena.allocate((long) values.length * Float.BYTES, 64);
        MemorySegment.copy(values, 0, segment, JAVA_FLOAT, 0, values.length);
        return segment;
    }

    /**
     * Weights of depthwise convolutions over neighbouring channels as one, from [channels][taps] each, as files hold
     * them, to f32 [taps][all channels].
     */
    public MemorySegment convolution(List<Tensor> convolutions) {
        int taps = convolutions.getFirst().columns();
        int channels = convolutions.stream().mapToInt(Tensor::rows).sum();
        float[] byTap = new float[taps * channels];
        int first = 0;
        for (Tensor convolution : convolutions) {
            float[] byChannel = convolution.toFloats();
            for (int j = 0; j < taps; j++) {
                copyTap(byChannel, taps, j, byTap, j * channels + first);
            }
            first += convolution.rows();
        }
        return vector(byTap);
    }

    // A method of its own is compiled once, in place of a loop that is entered anew in each layer.
    private static void copyTap(float[] byChannel, int taps, int tap, float[] to, int at) {
        for (int from = tap; from < byChannel.length; from += taps) {
            to[at++] = byChannel[from];
        }
    }

    /** A feed-forward network. */
    public GatedMlp gatedMlp(GatedMlp.Space space, Tensor gateProj, Tensor upProj, Tensor downProj) {
        return new GatedMlp(compute, space, matrix(gateProj), matrix(upProj), matrix(downProj));
    }
}
