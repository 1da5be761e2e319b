package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The definition of Gated DeltaNet. */
public final class ScalarDeltaKernel implements DeltaKernel {

    public static final float L2_EPS = 1e-6f;

    @Override
    public void convolve(
            DeltaShape shape,
            Activations u,
            MemorySegment weight,
            MemorySegment history,
            int tokens,
            int fromChannel,
            int toChannel,
            Activations y) {
        int past = shape.kernel() - 1;
        int channels = shape.channels();
        for (int t = 0; t < tokens; t++) {
            for (int c = fromChannel; c < toChannel; c++) {
                float sum = 0;
                for (int j = 0; j <= past; j++) {
                    sum = Math.fma(
                            weight.getAtIndex(JAVA_FLOAT, (long) j * channels + c),
                            input(u, history, t - past + j, past, c),
                            sum);
                }
                y.set(t, c, FloatMath.silu(sum));
            }
        }
        for (int j = 0; j < past; j++) {
            for (int c = fromChannel; c < toChannel; c++) {
                float kept = input(u, history, tokens - past + j, past, c);
                history.setAtIndex(JAVA_FLOAT, (long) j * channels + c, kept);
            }
        }
    }

    /** Channel {@code c} of the row at token {@code t}, which may lie up to {@code past} tokens before this chunk. */
    private static float input(Activations u, MemorySegment history, int t, int past, int c) {
        return t >= 0 ? u.get(t, c) : history.getAtIndex(JAVA_FLOAT, (long) (past + t) * u.width() + c);
    }

    @Override
    public void prepare(
            DeltaShape shape,
            Activations y,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int fromToken,
            int toToken) {
        float queryScale = 1f / (float) Math.sqrt(shape.keyDim());
        for (int t = fromToken; t < toToken; t++) {
            long row = (long) t * y.width();
            for (int head = 0; head < shape.keyHeads(); head++) {
                normalize(y.floats(), row + shape.queryColumn(head), shape.keyDim(), queryScale);
                normalize(y.floats(), row + shape.keyColumn(head), shape.keyDim(), 1f);
            }
        }
        prepareGates(shape, a, b, rate, dtBias, fromToken, toToken);
    }

    /** The part of {@link #prepare} about decay and strength: a few numbers per token, the same code in every tier. */
    public void prepareGates(
            DeltaShape shape,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int fromToken,
            int toToken) {
        for (int t = fromToken; t < toToken; t++) {
            for (int head = 0; head < shape.valueHeads(); head++) {
                float step = FloatMath.softplus(a.get(t, head) + dtBias.getAtIndex(JAVA_FLOAT, head));
                a.set(t, head, FloatMath.exp(rate.getAtIndex(JAVA_FLOAT, head) * step));
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
    public void recur(
            DeltaShape shape,
            Activations y,
            Activations decay,
            Activations beta,
            MemorySegment recurrent,
            int valueHead,
            int fromChannel,
            int toChannel,
            int tokens,
            Activations out) {
        int keyDim = shape.keyDim();
        int keyHead = shape.keyHead(valueHead);
        int width = toChannel - fromChannel;
        float[] state = new float[keyDim * width];
        long stateAt = ((long) valueHead * keyDim * shape.valueDim() + fromChannel) * Float.BYTES;
        long stateRow = (long) shape.valueDim() * Float.BYTES;
        for (int i = 0; i < keyDim; i++) {
            MemorySegment.copy(recurrent, JAVA_FLOAT, stateAt + i * stateRow, state, i * width, width);
        }
        float[] difference = new float[width];
        float[] o = new float[width];
        for (int t = 0; t < tokens; t++) {
            float g = decay.get(t, valueHead);
            Arrays.fill(difference, 0f);
            for (int i = 0; i < keyDim; i++) {
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
                difference[v] = beta.get(t, valueHead) * (y.get(t, valueColumn + v) - difference[v]);
            }
            Arrays.fill(o, 0f);
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
            long to = (long) t * out.width() + (long) valueHead * shape.valueDim() + fromChannel;
            MemorySegment.copy(o, 0, out.floats(), JAVA_FLOAT, to * Float.BYTES, width);
        }
        for (int i = 0; i < keyDim; i++) {
            MemorySegment.copy(state, i * width, recurrent, JAVA_FLOAT, stateAt + i * stateRow, width);
        }
    }

    @Override
    public void gatedNorm(
            DeltaShape shape,
            Activations o,
            Activations z,
            MemorySegment weight,
            float eps,
            int fromToken,
            int toToken) {
        int dim = shape.valueDim();
        for (int t = fromToken; t < toToken; t++) {
            for (int head = 0; head < shape.valueHeads(); head++) {
                long at = (long) t * o.width() + (long) head * dim;
                float inverse = FloatMath.inverseSqrt(ScalarRowKernel.sumOfSquares(o.floats(), at, dim) / dim + eps);
                for (int v = 0; v < dim; v++) {
                    float normed =
                            (o.floats().getAtIndex(JAVA_FLOAT, at + v) * inverse) * weight.getAtIndex(JAVA_FLOAT, v);
                    float gate = FloatMath.silu(z.floats().getAtIndex(JAVA_FLOAT, at + v));
                    o.floats().setAtIndex(JAVA_FLOAT, at + v, normed * gate);
                }
            }
        }
    }
}
