package kawi.architecture;

import java.lang.foreign.Arena;
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
public record GatedMlp(
        Compute compute, Space workspace, PackedMatrix gateProj, PackedMatrix upProj, PackedMatrix downProj)
        implements Mlp {

    /** Buffers of [capacity, intermediate] each. */
    record Buffers(Activations gate, Activations up) {}

    /** The workspace of networks with {@code intermediate} channels. */
    public static final class Space extends Workspace<Buffers> {

        private final int intermediate;

        public Space(int intermediate) {
            this.intermediate = intermediate;
        }

        @Override
        protected long bytes(int rows) {
            return Activations.allocatedBytes(rows, intermediate) + Activations.outputBytes(rows, intermediate);
        }

        @Override
        protected Buffers allocate(int rows, SegmentAllocator shared, Arena arena) {
            return new Buffers(
                    Activations.allocate(shared, rows, intermediate), Activations.outputs(shared, rows, intermediate));
        }
    }

    @Override
    public void apply(Activations h, int rows, Activations out) {
        Buffers b = workspace.buffers();
        compute.products(h, rows).with(gateProj, b.gate).with(upProj, b.up).run();
        compute.siluTimes(b.gate, b.up, rows);
        compute.products(b.gate, rows).with(downProj, out).run();
    }
}
