package kawi.quantize;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import kawi.architecture.Blueprint;
import kawi.compute.ProductObserver;
import kawi.kernels.Activations;

/** Adds up the squares of the inputs of matrices, by column, while a model reads a text. */
public final class ImportanceCollector implements ProductObserver {

    private final Map<String, Matrix> matrices = new TreeMap<>();

    private static final class Matrix {

        private final double[] squares;
        private long count;

        Matrix(int columns) {
            squares = new double[columns];
        }

        void add(Activations x, int rows) {
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < squares.length; i++) {
                    double value = x.get(row, i);
                    squares[i] += value * value;
                }
            }
            count += rows;
        }
    }

    /** The model with the names that its matrices have in GGUF files, and the heads in their order. */
    public static Blueprint named(Blueprint original) {
        return original.ggufForm().with((name, matrix) -> matrix.named(name));
    }

    @Override
    public void observe(String matrix, Activations x, int rows) {
        if (TensorRole.of(matrix).block() >= 0) { // the output matrix is not part of such files
            matrices.computeIfAbsent(matrix, name -> new Matrix(x.width())).add(x, rows);
        }
    }

    /**
     * Writes what was collected.
     *
     * @param text the name of the text
     * @param chunks the number of pieces of {@code chunkSize} tokens that it was read in
     */
    public void writeTo(Path file, String text, int chunks, int chunkSize) throws IOException {
        Map<String, ImportanceFile.Sums> sums = new TreeMap<>();
        matrices.forEach((name, matrix) -> sums.put(name, new ImportanceFile.Sums(matrix.squares, matrix.count)));
        ImportanceFile.write(file, sums, text, chunks, chunkSize);
    }
}
