package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/** The definition of Gated DeltaNet. */
public final class ScalarDeltaKernel implements DeltaKernel {

    public static final float L2_EPS = 1e-6f;

    @Override
    public void convolve(ConvolutionCall call, int fromChannel, int toChannel) {
        DeltaShape shape = call.shape();
        int past = shape.kernel() - 1;
        int channels = shape.channels();
        for (int r = 0; r < call.rows(); r++) {
            for (int c = fromChannel; c < toChannel; c++) {
                float sum = 0;
                for (int j = 0; j <= past; j++) {
                    float weight = call.weight().getAtIndex(JAVA_FLOAT, (long) j * channels + c);
                    sum = Math.fma(weight, input(call, r - past + j, c), sum);
                }
                call.y().set(call.firstRow() + r, c, FloatMath.silu(sum));
            }
        }
        for (int j = 0; j < past; j++) {
            for (int c = fromChannel; c < toChannel; c++) {
                float kept = input(call, call.confirmed() - past + j, c);
                call.history().setAtIndex(JAVA_FLOAT, (long) j * channels + c, kept);
            }
        }
    }

    /** Channel {@code c} of row {@code r}, which may lie up to {@code kernel - 1} rows before the span. */
    private static float input(ConvolutionCall call, int r, int c) {
        if (r >= 0) {
            return call.u().get(call.firstRow() + r, c);
        }
        int past = call.shape().kernel() - 1;
        return call.history()
                .getAtIndex(JAVA_FLOAT, (long) (past + r) * call.u().width() + c);
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
        prepareGates(shape, a, b, rate, dtBias, fromRow, toRow);
    }

    /** The part of {@link #prepare} about decay and strength: a few numbers per token, the same code in every tier. */
    public void prepareGates(
            DeltaShape shape,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int fromRow,
            int toRow) {
        int perHead = shape.decayWidth() / shape.valueHeads();
        for (int t = fromRow; t < toRow; t++) {
            for (int i = 0; i < shape.decayWidth(); i++) {
                float step = FloatMath.softplus(a.get(t, i) + dtBias.getAtIndex(JAVA_FLOAT, i));
                a.set(t, i, FloatMath.exp(rate.getAtIndex(JAVA_FLOAT, i / perHead) * step));
            }
            for (int head = 0; head < shape.valueHeads(); head++) {
                b.set(t, head, FloatMath.sigmoid(b.get(t, head)));
            }
        }
    }

    private static void normalize(MemorySegment x, long at, int n, float scale) {
        float inverse = FloatMath.inverseSqrt(ScalarRowKernel.sumOfSquares(x, at, n) + L2_EPS);
        for (int i = 0; i < n; i++) {
            x.setAtIndex(JAVA_FLOAT, at + i, (x.getAtIndex(JAVA_FLOAT, at + i) * inverse) * scale);
        }
    }

    @Override
    public void recur(DeltaCall call, int valueHead, int fromChannel, int toChannel) {
        int width = toChannel - fromChannel;
        float[] state = new float[call.shape().keyDim() * width];
        copyState(call, valueHead, fromChannel, state, width, false);
        replay(call, valueHead, fromChannel, state, width);
        for (int r = 0; r < call.rows(); r++) {
            if (r == call.confirmed()) {
                copyState(call, valueHead, fromChannel, state, width, true);
            }
            step(call, call.firstRow() + r, r >= call.confirmed(), valueHead, fromChannel, state, width);
        }
        if (call.revocable() == 0) {
            copyState(call, valueHead, fromChannel, state, width, true);
        }
    }

    /** Copies a tile of the state, [keyDim][width], to the call's state if {@code back}, else from it. */
    private static void copyState(
            DeltaCall call, int valueHead, int fromChannel, float[] state, int width, boolean back) {
        int stride = call.shape().valueDim();
        for (int i = 0; i < call.shape().keyDim(); i++) {
            long at = (call.stateAt(valueHead, fromChannel) + (long) i * stride) * Float.BYTES;
            if (back) {
                MemorySegment.copy(state, i * width, call.state(), JAVA_FLOAT, at, width);
            } else {
                MemorySegment.copy(call.state(), JAVA_FLOAT, at, state, i * width, width);
            }
        }
    }

    private static void replay(DeltaCall call, int valueHead, int fromChannel, float[] state, int width) {
        DeltaShape shape = call.shape();
        Activations y = call.replayedY();
        int keyColumn = shape.keyColumn(shape.keyHead(valueHead));
        int differences = shape.valueColumn(valueHead) + fromChannel;
        for (int t = 0; t < call.replayed(); t++) {
            for (int i = 0; i < shape.keyDim(); i++) {
                float g = decay(shape, call.replayedDecay(), t, valueHead, i);
                float k = y.get(t, keyColumn + i);
                for (int v = 0; v < width; v++) {
                    state[i * width + v] = Math.fma(k, y.get(t, differences + v), state[i * width + v] * g);
                }
            }
        }
    }

    private static float decay(DeltaShape shape, Activations decay, int row, int valueHead, int i) {
        return decay.get(row, shape.perChannelDecay() ? valueHead * shape.keyDim() + i : valueHead);
    }

    /** Row {@code t} of the buffers. */
    private static void step(
            DeltaCall call, int t, boolean revocable, int valueHead, int fromChannel, float[] state, int width) {
        DeltaShape shape = call.shape();
        Activations y = call.y();
        int keyDim = shape.keyDim();
        int keyHead = shape.keyHead(valueHead);
        float[] difference = new float[width];
        for (int i = 0; i < keyDim; i++) {
            float g = decay(shape, call.decay(), t, valueHead, i);
            float k = y.get(t, shape.keyColumn(keyHead) + i);
            int row = i * width;
            for (int v = 0; v < width; v++) {
                float s = state[row + v] * g;
                state[row + v] = s;
                difference[v] = Math.fma(s, k, difference[v]);
            }
        }
        int valueColumn = shape.valueColumn(valueHead) + fromChannel;
        for (int v = 0; v < width; v++) {
            difference[v] = call.beta().get(t, valueHead) * (y.get(t, valueColumn + v) - difference[v]);
            if (revocable) {
                y.set(t, valueColumn + v, difference[v]);
            }
        }
        float[] o = new float[width];
        for (int i = 0; i < keyDim; i++) {
            float k = y.get(t, shape.keyColumn(keyHead) + i);
            float q = y.get(t, shape.queryColumn(keyHead) + i);
            int row = i * width;
            for (int v = 0; v < width; v++) {
                float s = Math.fma(k, difference[v], state[row + v]);
                state[row + v] = s;
                o[v] = Math.fma(s, q, o[v]);
            }
        }
        long to = (long) t * call.out().width() + (long) valueHead * shape.valueDim() + fromChannel;
        MemorySegment.copy(o, 0, call.out().floats(), JAVA_FLOAT, to * Float.BYTES, width);
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
        int dim = shape.valueDim();
        for (int t = fromRow; t < toRow; t++) {
            for (int head = 0; head < shape.valueHeads(); head++) {
                long at = (long) t * o.width() + (long) head * dim;
                float inverse = FloatMath.inverseSqrt(ScalarRowKernel.sumOfSquares(o.floats(), at, dim) / dim + eps);
                for (int v = 0; v < dim; v++) {
                    float normed =
                            (o.floats().getAtIndex(JAVA_FLOAT, at + v) * inverse) * weight.getAtIndex(JAVA_FLOAT, v);
                    float x = z.floats().getAtIndex(JAVA_FLOAT, at + v);
                    o.floats().setAtIndex(JAVA_FLOAT, at + v, normed * gate.of(x));
                }
            }
        }
    }
}
