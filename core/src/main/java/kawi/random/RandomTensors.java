package kawi.random;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import kawi.Progress;
import kawi.gguf.GgufWriter;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/** The random tensors of a GGUF file, in file order. */
final class RandomTensors {

    private static final WeightFormat F32 = WeightFormats.byName("F32");

    private final SplittableRandom random;
    private final List<Part> parts = new ArrayList<>();

    RandomTensors(long seed) {
        this.random = new SplittableRandom(seed);
    }

    private sealed interface Part {}

    private record Matrix(String name, int rows, int columns, Drawn drawn) implements Part {
        long weights() {
            return (long) rows * columns;
        }
    }

    /** The common properties of the matrices that use one pool. */
    private record Drawn(WeightFormat format, double deviation) {}

    private record Vector(String name, long[] shape, ToDoubleFunction<SplittableRandom> weight) implements Part {}

    /** Adds a matrix of normally distributed weights with mean 0. */
    void matrix(String name, int rows, int columns, WeightFormat format, double deviation) {
        parts.add(new Matrix(name, rows, columns, new Drawn(format, deviation)));
    }

    /**
     * Adds a tensor in F32.
     *
     * @param shape the contiguous dimension first
     */
    void vector(String name, long[] shape, ToDoubleFunction<SplittableRandom> weight) {
        parts.add(new Vector(name, shape, weight));
    }

    /** Generates the tensors and writes the file. */
    void writeTo(GgufWriter file, Path target, Progress progress) throws IOException {
        String subject = String.valueOf(target.getFileName());
        progress.update(new Progress.Step(Progress.Stage.WRITE, subject, 0, parts.size()));
        try (Arena arena = Arena.ofShared()) {
            Map<Drawn, RandomPool> pools = pools(arena);
            for (int i = 0; i < parts.size(); i++) {
                switch (parts.get(i)) {
                    case Matrix m ->
                        file.tensor(
                                m.name(),
                                m.drawn().format(),
                                new long[] {m.columns(), m.rows()},
                                Objects.requireNonNull(pools.get(m.drawn())).take(m.weights()));
                    case Vector v -> {
                        SplittableRandom own = random.split();
                        var step = new Progress.Step(Progress.Stage.WRITE, subject, i, parts.size());
                        file.tensor(v.name(), F32, v.shape(), (row, out) -> {
                            progress.update(step);
                            for (int j = 0; j < out.length; j++) {
                                out[j] = (float) v.weight().applyAsDouble(own);
                            }
                        });
                    }
                }
            }
            file.writeTo(target);
        }
        progress.update(new Progress.Step(Progress.Stage.WRITE, subject, parts.size(), parts.size()));
    }

    private Map<Drawn, RandomPool> pools(Arena arena) {
        Map<Drawn, List<Matrix>> groups = new LinkedHashMap<>();
        for (Part part : parts) {
            if (part instanceof Matrix matrix) {
                groups.computeIfAbsent(matrix.drawn(), drawn -> new ArrayList<>())
                        .add(matrix);
            }
        }
        Map<Drawn, RandomPool> pools = new HashMap<>();
        groups.forEach((drawn, matrices) -> pools.put(
                drawn,
                new RandomPool(
                        drawn.format(),
                        drawn.deviation(),
                        matrices.stream().mapToLong(Matrix::weights).sum(),
                        matrices.stream().mapToLong(Matrix::weights).max().orElseThrow(),
                        random.split(),
                        arena)));
        return pools;
    }
}
