package kawi.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.kernels.Activations;
import kawi.kernels.MatrixKernel;
import kawi.kernels.PackedMatrix;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;

/** Checks that products with weights of a provided format are equal in all tiers of kernels that can run here. */
final class TierCheck {

    /** More than a group of rows in every tier, and not a whole number of groups. */
    private static final int ROWS = 37;

    private static final int MIN_COLUMNS = 64;
    private static final int TOKENS = 3;

    private final ProvidedFormat format;
    private final int columns;
    private final byte[] bytes;
    private final float[] activations;

    TierCheck(ProvidedFormat format, Random random) {
        this.format = format;
        this.columns = Math.max(1, MIN_COLUMNS / format.blockSize()) * format.blockSize();
        this.bytes = new byte[Math.toIntExact(format.bytes((long) ROWS * columns))];
        random.nextBytes(bytes);
        this.activations = new float[TOKENS * columns];
        for (int i = 0; i < activations.length; i++) {
            activations[i] = (float) random.nextGaussian();
        }
    }

    void run() {
        float[] expected = products(KernelTier.SCALAR);
        for (KernelTier tier : KernelTier.values()) {
            if (TierChoice.obstacle(tier).isPresent()) {
                continue;
            }
            float[] found = products(tier);
            for (int i = 0; i < expected.length; i++) {
                if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(found[i])) {
                    throw new AssertionError(
                            "weight format %s: output %d of a product is %s with the %s kernels, but %s with the scalar ones"
                                    .formatted(format.provider(), i, found[i], tier.label(), expected[i]));
                }
            }
        }
    }

    private float[] products(KernelTier tier) {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(1)) {
            MatrixKernel kernel = TierChoice.kernels(tier, arena).matrix();
            Tensor tensor =
                    format.tensor("the check", "weights", ROWS, columns, TensorSource.of(MemorySegment.ofArray(bytes)));
            PackedMatrix matrix = kernel.pack(tensor, arena, pool);
            Activations x = Activations.allocate(arena, TOKENS, columns);
            Activations y = Activations.outputs(arena, TOKENS, ROWS);
            for (int i = 0; i < activations.length; i++) {
                x.set(i / columns, i % columns, activations[i]);
            }
            if (matrix.quantized()) {
                kernel.quantize(x, 0, TOKENS);
            }
            kernel.multiply(matrix, x, TOKENS, y, 0, matrix.groups());
            float[] out = new float[TOKENS * ROWS];
            for (int i = 0; i < out.length; i++) {
                out[i] = y.get(i / ROWS, i % ROWS);
            }
            return out;
        }
    }
}
