package kawi.architecture;

import java.lang.foreign.Arena;
import kawi.kernels.Activations;
import kawi.kernels.Compute;
import kawi.kernels.Compute.Product;
import kawi.kernels.PackedMatrix;

/**
 * The SwiGLU feed-forward network: {@code out = (silu(h gateProj^T) * (h upProj^T)) downProj^T}.
 *
 * @param gateProj [intermediate, hidden]
 * @param upProj [intermediate, hidden]
 * @param downProj [hidden, intermediate]
 */
record GatedMlp(Compute compute, PackedMatrix gateProj, PackedMatrix upProj, PackedMatrix downProj) {

    /** Role buffers, [capacity, intermediate] each. */
    record Buffers(Activations gate, Activations up) {

        static Buffers allocate(Arena arena, int capacity, int intermediate) {
            return new Buffers(
                    Activations.allocate(arena, capacity, intermediate),
                    Activations.outputs(arena, capacity, intermediate));
        }
    }

    void apply(Activations h, int tokens, Buffers buffers, Activations out) {
        compute.multiply(h, tokens, new Product(gateProj, buffers.gate), new Product(upProj, buffers.up));
        compute.siluTimes(buffers.gate, buffers.up, tokens);
        compute.multiply(buffers.gate, tokens, new Product(downProj, out));
    }
}
