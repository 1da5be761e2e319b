package kawi.architecture;

import java.lang.foreign.SegmentAllocator;
import kawi.compute.Compute;
import kawi.kernels.Activations;
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

        /** The most bytes that they take. */
        static long bytes(int capacity, int intermediate) {
            return Activations.allocatedBytes(capacity, intermediate) + Activations.outputBytes(capacity, intermediate);
        }

        static Buffers allocate(SegmentAllocator memory, int capacity, int intermediate) {
            return new Buffers(
                    Activations.allocate(memory, capacity, intermediate),
                    Activations.outputs(memory, capacity, intermediate));
        }
    }

    void apply(Activations h, int tokens, Buffers buffers, Activations out) {
        compute.products(h, tokens)
                .with(gateProj, buffers.gate)
                .with(upProj, buffers.up)
                .run();
        compute.siluTimes(buffers.gate, buffers.up, tokens);
        compute.products(buffers.gate, tokens).with(downProj, out).run();
    }
}
