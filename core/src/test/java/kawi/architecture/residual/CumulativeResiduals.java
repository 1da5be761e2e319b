package kawi.architecture.residual;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.architecture.ResidualStream;
import kawi.compute.Compute;
import kawi.kernels.Activations;

/**
 * A third residual stream, which no supported checkpoint has: sources are snapshots of a stream that is never reset,
 * and the stream itself, whose score has a bias; the final norm reads the stream. It shows what adding one takes,
 * beside the two that Kawi runs.
 *
 * @param blockLayers layers between two snapshots
 * @param weights query times norm weight of each sub-layer
 * @param bias of the stream's score, per sub-layer
 */
record CumulativeResiduals(int blockLayers, float[][] weights, float[] bias, float eps)
        implements ResidualStream.Scheme {

    @Override
    public ResidualStream allocate(Compute compute, int capacity, int hidden, Arena arena) {
        Activations[] bank = new Activations[2 + weights.length / 2 / blockLayers];
        for (int k = 0; k < bank.length; k++) {
            bank[k] = Activations.outputs(arena, capacity, hidden);
        }
        Activations stream = Activations.outputs(arena, capacity, hidden);
        Activations mixture = Activations.outputs(arena, capacity, hidden);
        return new ResidualStream() {

            @Override
            public Activations embedding() {
                return stream;
            }

            @Override
            public Activations input(int subLayer, int rows) {
                int snapshots = 1 + subLayer / 2 / blockLayers;
                if (subLayer % (2 * blockLayers) == 0) {
                    MemorySegment.copy(
                            stream.floats(), 0, bank[snapshots - 1].floats(), 0, (long) rows * hidden * Float.BYTES);
                }
                for (int row = 0; row < rows; row++) {
                    mix(row, subLayer, snapshots);
                }
                return mixture;
            }

            private void mix(int row, int subLayer, int snapshots) {
                double[] score = new double[snapshots + 1];
                double max = Double.NEGATIVE_INFINITY;
                for (int k = 0; k <= snapshots; k++) {
                    double dot = 0;
                    double squares = 0;
                    for (int i = 0; i < hidden; i++) {
                        double v = source(k, snapshots).get(row, i);
                        dot += v * weights[subLayer][i];
                        squares += v * v;
                    }
                    score[k] = dot / Math.sqrt(squares / hidden + eps) + (k == snapshots ? bias[subLayer] : 0);
                    max = Math.max(max, score[k]);
                }
                double sum = 0;
                for (int k = 0; k <= snapshots; k++) {
                    score[k] = StrictMath.exp(score[k] - max);
                    sum += score[k];
                }
                for (int i = 0; i < hidden; i++) {
                    double mixed = 0;
                    for (int k = 0; k <= snapshots; k++) {
                        mixed += score[k] / sum * source(k, snapshots).get(row, i);
                    }
                    mixture.set(row, i, (float) mixed);
                }
            }

            private Activations source(int k, int snapshots) {
                return k < snapshots ? bank[k] : stream;
            }

            @Override
            public void add(int subLayer, Activations y, int rows) {
                compute.add(stream, y, rows);
            }

            @Override
            public Activations output(int rows) {
                return stream;
            }
        };
    }
}
