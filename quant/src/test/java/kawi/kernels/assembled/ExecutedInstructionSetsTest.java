package kawi.kernels.assembled;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.Random;
import kawi.kernels.Activations;
import kawi.kernels.MatrixKernel;
import kawi.kernels.PackedMatrix;
import kawi.kernels.Samples;
import kawi.kernels.ScalarMatrixKernel;
import kawi.kernels.Tiers;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;
import kawi.quant.WeightFormats;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs code of every instruction set of this CPU, and prints which: {@code .ci/run} shows it at the end. */
class ExecutedInstructionSetsTest {

    @ParameterizedTest
    @MethodSource("kawi.kernels.Tiers#allInstructionSets")
    void aProductIsComputed(InstructionSet isa) {
        Tiers.assumeExecuted(isa);
        try (Arena arena = Arena.ofConfined();
                WorkerPool pool = new WorkerPool(1)) {
            Tensor tensor = Samples.weights(arena, WeightFormats.byName("Q4_0"), 16, 64, new Random(1));
            assertEquals(
                    product(new ScalarMatrixKernel(), tensor, arena, pool),
                    product(new AssembledMatrixKernel(isa.emitter(), arena), tensor, arena, pool));
        }
        System.out.println("executed instruction set " + isa);
    }

    private static float product(MatrixKernel kernel, Tensor tensor, Arena arena, WorkerPool pool) {
        PackedMatrix w = kernel.pack(tensor, arena, pool);
        Activations x = Activations.allocate(arena, 1, tensor.columns());
        for (int k = 0; k < tensor.columns(); k++) {
            x.set(0, k, (k % 7 - 3) / 3f);
        }
        kernel.quantize(x, 0, 1);
        Activations y = Activations.outputs(arena, 1, tensor.rows());
        kernel.multiply(w, x, 1, y, 0, 1);
        float sum = 0;
        for (int row = 0; row < tensor.rows(); row++) {
            sum += y.get(0, row);
        }
        return sum;
    }
}
