package kawi.quantize;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.ModelFileException;
import kawi.files.Excerpt;
import kawi.files.SmallFile;
import kawi.gguf.GgufFile;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.quant.WeightFormats;

/**
 * The files of {@code llama-imatrix} of github.com/ggml-org/llama.cpp, which hold the sums of the squares of the inputs
 * of each matrix, by column. New ones are GGUF files:
 *
 * <pre>
 *    general.type                           imatrix
 *    imatrix.datasets                       names of the texts
 *    imatrix.chunk_count, imatrix.chunk_size
 *    NAME.in_sum2                           [columns, 1], the sums
 *    NAME.counts                            [1, 1], the number of inputs
 * </pre>
 *
 * <p>Old ones are a list of entries, little endian: a count of entries, and for each the length of a name, the name, a
 * number of calls, a number of columns, and for each column the mean square times the number of calls. More may follow.
 */
final class ImportanceFile {

    private static final String SUMS = ".in_sum2";
    private static final String COUNTS = ".counts";

    private static final int MAX_BYTES = 1 << 30;
    private static final int MAX_NAME = 4096;

    private ImportanceFile() {}

    /** The sums of the squares of the inputs of a matrix, and the number of inputs. */
    record Sums(double[] squares, long count) {}

    /**
     * The mean squares by the names of matrices.
     *
     * @throws ModelFileException if the file cannot be read or is not one of the two kinds
     */
    static Map<String, float[]> read(Path file) {
        Map<String, float[]> means = isGguf(file) ? ofGguf(file) : ofOldFile(file);
        means.forEach((name, values) -> {
            for (float value : values) {
                if (!(value >= 0 && value < Float.POSITIVE_INFINITY)) {
                    throw new ModelFileException(
                            "%s: the importance of a column of %s is %s, but it must be finite and not negative"
                                    .formatted(file, Excerpt.of(name), value));
                }
            }
        });
        if (means.isEmpty()) {
            throw new ModelFileException("%s is not an importance matrix: there is no matrix in it".formatted(file));
        }
        return means;
    }

    private static boolean isGguf(Path file) {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(4), StandardCharsets.ISO_8859_1).equals("GGUF");
        } catch (IOException e) {
            throw new ModelFileException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Map<String, float[]> ofGguf(Path path) {
        Map<String, float[]> means = new HashMap<>();
        try (GgufFile file = GgufFile.open(path)) {
            for (String name : file.tensorNames()) {
                if (!name.endsWith(SUMS)) {
                    continue;
                }
                String matrix = name.substring(0, name.length() - SUMS.length());
                float[] values = file.tensor(name).toFloats();
                float[] counts = file.tensor(matrix + COUNTS).toFloats();
                if (counts.length != 1 || file.tensor(name).rows() != 1) {
                    throw new ModelFileException("%s: %s is of several matrices, which is not supported"
                            .formatted(path, Excerpt.of(matrix)));
                }
                if (counts[0] > 0) { // otherwise nothing is known
                    for (int i = 0; i < values.length; i++) {
                        values[i] /= counts[0];
                    }
                    means.put(matrix, values);
                }
            }
        }
        return means;
    }

    private static Map<String, float[]> ofOldFile(Path path) {
        ByteBuffer in;
        try {
            in = ByteBuffer.wrap(SmallFile.read(path, MAX_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new ModelFileException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
        }
        Map<String, float[]> means = new HashMap<>();
        try {
            int entries = in.getInt();
            for (int i = 0; i < entries; i++) {
                byte[] name = new byte[length(path, in.getInt(), MAX_NAME)];
                in.get(name);
                int calls = in.getInt();
                float[] values = new float[length(path, in.getInt(), in.remaining() / Float.BYTES)];
                in.asFloatBuffer().get(values);
                in.position(in.position() + Float.BYTES * values.length);
                for (int j = 0; j < values.length && calls > 0; j++) {
                    values[j] /= calls;
                }
                means.put(new String(name, StandardCharsets.UTF_8), values);
            }
        } catch (BufferUnderflowException e) {
            throw new ModelFileException("%s is not an importance matrix, or is cut short".formatted(path), e);
        }
        return means;
    }

    private static int length(Path path, int length, int most) {
        if (length < 1 || length > most) {
            throw new ModelFileException(
                    "%s is not an importance matrix, or is cut short: a length in it is %d".formatted(path, length));
        }
        return length;
    }

    /** Writes a file of the new kind. */
    static void write(Path target, Map<String, Sums> matrices, String text, int chunks, int chunkSize)
            throws IOException {
        GgufWriter file = new GgufWriter()
                .put("general.type", MetadataType.STRING, "imatrix")
                .put("imatrix.datasets", MetadataType.STRING, List.of(text))
                .put("imatrix.chunk_count", MetadataType.UINT32, chunks)
                .put("imatrix.chunk_size", MetadataType.UINT32, chunkSize);
        matrices.forEach((name, sums) -> {
            float[] squares = new float[sums.squares.length];
            for (int i = 0; i < squares.length; i++) {
                squares[i] = (float) sums.squares[i];
            }
            put(file, name + SUMS, new long[] {squares.length, 1}, squares);
            put(file, name + COUNTS, new long[] {1, 1}, new float[] {sums.count});
        });
        file.writeTo(target);
    }

    private static void put(GgufWriter file, String name, long[] shape, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        file.tensor(name, WeightFormats.byName("F32"), shape, MemorySegment.ofBuffer(bytes));
    }
}
