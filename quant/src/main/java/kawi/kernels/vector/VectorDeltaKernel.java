package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.Activations;
import kawi.kernels.ConvolutionCall;
import kawi.kernels.DeltaCall;
import kawi.kernels.DeltaKernel;
import kawi.kernels.DeltaShape;
import kawi.kernels.FloatMath;
import kawi.kernels.FreeList;
import kawi.kernels.Gate;
import kawi.kernels.ScalarDeltaKernel;

/**
 * Gated DeltaNet with the Vector API. Lanes are channels. The recurrence processes four vectors of channels at a time;
 * its first sweep over the state only reads, applying the decay on the fly, and the second sweep applies it again while
 * writing, so the state is read twice and written once per token.
 */
public final class VectorDeltaKernel implements DeltaKernel {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final int TILE = 4 * LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Copies of tiles, f32 [keyDim][{@link #TILE}], for revocable rows. */
    private static final FreeList<MemorySegment> COPIES = new FreeList<>(() -> MemorySegment.NULL);

    private final ScalarDeltaKernel scalar = new ScalarDeltaKernel();

    @Override
    public void convolve(ConvolutionCall call, int fromChannel, int toChannel) {
        int past = call.shape().kernel() - 1;
        int channels = call.shape().channels();
        int vectorEnd = fromChannel + (toChannel - fromChannel) / LANES * LANES;
        MemorySegment y = call.y().floats();
        for (int r = 0; r < call.rows(); r++) {
            long row = (long) (call.firstRow() + r) * channels;
            for (int c = fromChannel; c < vectorEnd; c += LANES) {
                FloatVector sum = FloatVector.zero(FLOATS);
                for (int j = 0; j <= past; j++) {
                    int source = r - past + j;
                    long from = sourceRow(call, source) * channels + c;
                    sum = FloatVector.fromMemorySegment(
                                    FLOATS, call.weight(), ((long) j * channels + c) * Float.BYTES, ORDER)
                            .fma(
                                    FloatVector.fromMemorySegment(
                                            FLOATS, source(call, source), from * Float.BYTES, ORDER),
                                    sum);
                }
                sum.intoMemorySegment(y, (row + c) * Float.BYTES, ORDER);
            }
            VectorFunctions.timesSigmoid(y, row + fromChannel, y, row + fromChannel, vectorEnd - fromChannel);
        }
        if (vectorEnd < toChannel) {
            scalar.convolve(call, vectorEnd, toChannel);
        }
        long bytes = (long) (vectorEnd - fromChannel) * Float.BYTES;
        for (int j = 0; j < past; j++) {
            int source = call.confirmed() - past + j;
            long from = sourceRow(call, source) * channels + fromChannel;
            long to = (long) j * channels + fromChannel;
            MemorySegment.copy(source(call, source), from * Float.BYTES, call.history(), to * Float.BYTES, bytes);
        }
    }

    /** The location of row {@code r}, which may precede the span. */
    private static MemorySegment source(ConvolutionCall call, int r) {
        return r >= 0 ? call.u().floats() : call.history();
    }

    private static long sourceRow(ConvolutionCall call, int r) {
        return r >= 0 ? call.firstRow() + r : call.shape().kernel() - 1 + r;
    }

    @Override
    public void prepare(
            DeltaShape shape,
            Activations y,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int fromRow,
            int toRow) {
        float queryScale = 1f / (float) Math.sqrt(shape.keyDim());
        for (int t = fromRow; t < toRow; t++) {
            long row = (long) t * y.width();
            for (int head = 0; head < shape.keyHeads(); head++) {
                normalize(y.floats(), row + shape.queryColumn(head), shape.keyDim(), queryScale);
                normalize(y.floats(), row + shape.keyColumn(head), shape.keyDim(), 1f);
            }
        }
        scalar.prepareGates(shape, a, b, rate, dtBias, fromRow, toRow);
    }

    private static void normalize(MemorySegment x, long at, int n, float scale) {
        float inverse = FloatMath.inverseSqrt(VectorSums.ofSquares(x, at, n) + ScalarDeltaKernel.L2_EPS);
        VectorFunctions.scale(x, at, inverse, scale, n);
    }

    @Override
    public void recur(DeltaCall call, int valueHead, int fromChannel, int toChannel) {
        int channel = fromChannel;
        if (!call.shape().perChannelDecay()) {
            for (; channel <= toChannel - TILE; channel += TILE) {
                if (call.replayed() > 0) {
                    replay(call, valueHead, channel);
                }
                long state = call.stateAt(valueHead, channel) * Float.BYTES;
                long stride = (long) call.shape().valueDim() * Float.BYTES;
                for (int r = 0; r < call.confirmed(); r++) {
                    step(call, valueHead, channel, call.firstRow() + r, call.state(), state, stride, false);
                }
                if (call.revocable() > 0) {
                    revocable(call, valueHead, channel, state, stride);
                }
            }
        }
        if (channel < toChannel) {
            scalar.recur(call, valueHead, channel, toChannel);
        }
    }

    /** The revocable rows, on a copy of a tile. */
    private static void revocable(DeltaCall call, int valueHead, int channel, long state, long stride) {
        int keyDim = call.shape().keyDim();
        long row = 4 * VECTOR_BYTES;
        MemorySegment tile = COPIES.take();
        if (tile.byteSize() < keyDim * row) {
            tile = Arena.ofAuto().allocate(keyDim * row, 64);
        }
        for (int i = 0; i < keyDim; i++) {
            MemorySegment.copy(call.state(), state + i * stride, tile, i * row, row);
        }
        for (int r = call.confirmed(); r < call.rows(); r++) {
            step(call, valueHead, channel, call.firstRow() + r, tile, 0, row, true);
        }
        COPIES.give(tile);
    }

    /** The replayed rows, one tile of channels. */
    private static void replay(DeltaCall call, int valueHead, int channel) {
        DeltaShape shape = call.shape();
        MemorySegment rows = call.replayedY().floats();
        int width = call.replayedY().width();
        int key = shape.keyColumn(shape.keyHead(valueHead));
        int difference = shape.valueColumn(valueHead) + channel;
        long state = call.stateAt(valueHead, channel) * Float.BYTES;
        for (int i = 0; i < shape.keyDim(); i++) {
            long at = state + (long) i * shape.valueDim() * Float.BYTES;
            FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, call.state(), at, ORDER);
            FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, call.state(), at + VECTOR_BYTES, ORDER);
            FloatVector s2 = FloatVector.fromMemorySegment(FLOATS, call.state(), at + 2 * VECTOR_BYTES, ORDER);
            FloatVector s3 = FloatVector.fromMemorySegment(FLOATS, call.state(), at + 3 * VECTOR_BYTES, ORDER);
            for (int t = 0; t < call.replayed(); t++) {
                long row = (long) t * width;
                FloatVector k = FloatVector.broadcast(FLOATS, rows.getAtIndex(JAVA_FLOAT, row + key + i));
                float g = call.replayedDecay().get(t, valueHead);
                long d = (row + difference) * Float.BYTES;
                s0 = k.fma(FloatVector.fromMemorySegment(FLOATS, rows, d, ORDER), s0.mul(g));
                s1 = k.fma(FloatVector.fromMemorySegment(FLOATS, rows, d + VECTOR_BYTES, ORDER), s1.mul(g));
                s2 = k.fma(FloatVector.fromMemorySegment(FLOATS, rows, d + 2 * VECTOR_BYTES, ORDER), s2.mul(g));
                s3 = k.fma(FloatVector.fromMemorySegment(FLOATS, rows, d + 3 * VECTOR_BYTES, ORDER), s3.mul(g));
            }
            s0.intoMemorySegment(call.state(), at, ORDER);
            s1.intoMemorySegment(call.state(), at + VECTOR_BYTES, ORDER);
            s2.intoMemorySegment(call.state(), at + 2 * VECTOR_BYTES, ORDER);
            s3.intoMemorySegment(call.state(), at + 3 * VECTOR_BYTES, ORDER);
        }
    }

    /**
     * Row {@code t} of the buffers, one tile of channels.
     *
     * @param recurrent the tile is at byte {@code state} of it, with {@code stateRow} bytes from row to row
     * @param revocable whether d replaces the values
     */
    private static void step(
            DeltaCall call,
            int valueHead,
            int channel,
            int t,
            MemorySegment recurrent,
            long state,
            long stateRow,
            boolean revocable) {
        DeltaShape shape = call.shape();
        int keyDim = shape.keyDim();
        int keyHead = shape.keyHead(valueHead);
        MemorySegment rows = call.y().floats();
        long row = (long) t * call.y().width();
        long key = row + shape.keyColumn(keyHead);
        long query = row + shape.queryColumn(keyHead);
        float g = call.decay().get(t, valueHead);

        FloatVector zero = FloatVector.zero(FLOATS);
        FloatVector r0 = zero;
        FloatVector r1 = zero;
        FloatVector r2 = zero;
        FloatVector r3 = zero;
        for (int i = 0; i < keyDim; i++) {
            FloatVector k = FloatVector.broadcast(FLOATS, rows.getAtIndex(JAVA_FLOAT, key + i));
            long s = state + i * stateRow;
            r0 = FloatVector.fromMemorySegment(FLOATS, recurrent, s, ORDER)
                    .mul(g)
                    .fma(k, r0);
            r1 = FloatVector.fromMemorySegment(FLOATS, recurrent, s + VECTOR_BYTES, ORDER)
                    .mul(g)
                    .fma(k, r1);
            r2 = FloatVector.fromMemorySegment(FLOATS, recurrent, s + 2 * VECTOR_BYTES, ORDER)
                    .mul(g)
                    .fma(k, r2);
            r3 = FloatVector.fromMemorySegment(FLOATS, recurrent, s + 3 * VECTOR_BYTES, ORDER)
                    .mul(g)
                    .fma(k, r3);
        }

        long value = (row + shape.valueColumn(valueHead) + channel) * Float.BYTES;
        float strength = call.beta().get(t, valueHead);
        FloatVector d0 = FloatVector.fromMemorySegment(FLOATS, rows, value, ORDER)
                .sub(r0)
                .mul(strength);
        FloatVector d1 = FloatVector.fromMemorySegment(FLOATS, rows, value + VECTOR_BYTES, ORDER)
                .sub(r1)
                .mul(strength);
        FloatVector d2 = FloatVector.fromMemorySegment(FLOATS, rows, value + 2 * VECTOR_BYTES, ORDER)
                .sub(r2)
                .mul(strength);
        FloatVector d3 = FloatVector.fromMemorySegment(FLOATS, rows, value + 3 * VECTOR_BYTES, ORDER)
                .sub(r3)
                .mul(strength);

        if (revocable) {
            d0.intoMemorySegment(rows, value, ORDER);
            d1.intoMemorySegment(rows, value + VECTOR_BYTES, ORDER);
            d2.intoMemorySegment(rows, value + 2 * VECTOR_BYTES, ORDER);
            d3.intoMemorySegment(rows, value + 3 * VECTOR_BYTES, ORDER);
        }

        FloatVector o0 = zero;
        FloatVector o1 = zero;
        FloatVector o2 = zero;
        FloatVector o3 = zero;
        for (int i = 0; i < keyDim; i++) {
            FloatVector k = FloatVector.broadcast(FLOATS, rows.getAtIndex(JAVA_FLOAT, key + i));
            FloatVector q = FloatVector.broadcast(FLOATS, rows.getAtIndex(JAVA_FLOAT, query + i));
            long s = state + i * stateRow;
            FloatVector s0 = k.fma(
                    d0,
                    FloatVector.fromMemorySegment(FLOATS, recurrent, s, ORDER).mul(g));
            FloatVector s1 = k.fma(
                    d1,
                    FloatVector.fromMemorySegment(FLOATS, recurrent, s + VECTOR_BYTES, ORDER)
                            .mul(g));
            FloatVector s2 = k.fma(
                    d2,
                    FloatVector.fromMemorySegment(FLOATS, recurrent, s + 2 * VECTOR_BYTES, ORDER)
                            .mul(g));
            FloatVector s3 = k.fma(
                    d3,
                    FloatVector.fromMemorySegment(FLOATS, recurrent, s + 3 * VECTOR_BYTES, ORDER)
                            .mul(g));
            s0.intoMemorySegment(recurrent, s, ORDER);
            s1.intoMemorySegment(recurrent, s + VECTOR_BYTES, ORDER);
            s2.intoMemorySegment(recurrent, s + 2 * VECTOR_BYTES, ORDER);
            s3.intoMemorySegment(recurrent, s + 3 * VECTOR_BYTES, ORDER);
            o0 = s0.fma(q, o0);
            o1 = s1.fma(q, o1);
            o2 = s2.fma(q, o2);
            o3 = s3.fma(q, o3);
        }
        MemorySegment outputs = call.out().floats();
        long to = ((long) t * call.out().width() + (long) valueHead * shape.valueDim() + channel) * Float.BYTES;
        o0.intoMemorySegment(outputs, to, ORDER);
        o1.intoMemorySegment(outputs, to + VECTOR_BYTES, ORDER);
        o2.intoMemorySegment(outputs, to + 2 * VECTOR_BYTES, ORDER);
        o3.intoMemorySegment(outputs, to + 3 * VECTOR_BYTES, ORDER);
    }

    @Override
    public void gatedNorm(
            DeltaShape shape,
            Activations o,
            Activations z,
            MemorySegment weight,
            float eps,
            Gate gate,
            int fromRow,
            int toRow) {
        if (gate != Gate.SILU) {
            scalar.gatedNorm(shape, o, z, weight, eps, gate, fromRow, toRow);
            return;
        }
        int dim = shape.valueDim();
        for (int t = fromRow; t < toRow; t++) {
            long row = (long) t * o.width();
            VectorFunctions.timesSigmoid(z.floats(), row, z.floats(), row, z.width());
            for (int head = 0; head < shape.valueHeads(); head++) {
                long at = row + (long) head * dim;
                float inverse = FloatMath.inverseSqrt(VectorSums.ofSquares(o.floats(), at, dim) / dim + eps);
                VectorFunctions.scale(o.floats(), at, inverse, weight, o.floats(), at, dim);
            }
            VectorFunctions.multiply(o.floats(), row, z.floats(), row, o.width());
        }
    }
}
