package kawi.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import kawi.IntegerWeightFormat;
import kawi.ModelFileException;
import kawi.WeightFormat;
import kawi.files.Excerpt;
import kawi.kernels.PackingBuffer;
import kawi.quant.FloatFormat;
import kawi.quant.IntegerFormat;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormats;
import org.jspecify.annotations.Nullable;

/**
 * A weight format that a program provides. Its properties have been read once and checked, so that they do not change.
 *
 * <p>As a {@link FloatFormat} it describes stored bytes only. Kernels see the tensors that {@link #tensor} makes of
 * them: floats of 32 bits, or the integer form, which {@code WeightFormat} converts rows to when they are read.
 */
public final class ProvidedFormat implements FloatFormat {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final Pattern DTYPE = Pattern.compile("[!-~&&[^\"\\\\]]{1,64}");
    private static final int MAX_BLOCK = 1 << 16;
    private static final int MAX_BLOCK_BYTES = 1 << 20;

    /** Types of safetensors files that Kawi reads, some of them as parts of quantized checkpoints. */
    static final Set<String> OWN_DTYPES = Set.of("F32", "F16", "BF16", "F8_E4M3", "I32", "I8", "U8");

    /** Stored bytes that are converted at a time. */
    private static final int PIECE_BYTES = 1 << 20;

    private final WeightFormat format;
    private final String name;
    private final int blockSize;
    private final int blockBytes;
    private final OptionalInt ggufType;
    private final @Nullable String dtype;
    private final @Nullable IntegerFormat integers;

    /** @throws IllegalArgumentException if a property is out of range or Kawi's own */
    ProvidedFormat(WeightFormat format) {
        this.format = format;
        this.name = format.name();
        this.blockSize = format.blockSize();
        this.blockBytes = format.blockBytes();
        this.ggufType = format.ggufType();
        this.dtype = format.safetensorsType().orElse(null);
        boolean integerForm = format instanceof IntegerWeightFormat;
        require(name != null && NAME.matcher(name).matches(), "its name is not 1 to 64 letters, digits, _, . or -");
        require(
                WeightFormats.all().stream().noneMatch(own -> own.name().equals(name.toUpperCase(Locale.ROOT))),
                "its name is %s, which is a format that Kawi has itself".formatted(name));
        range("blockSize()", blockSize, 1, MAX_BLOCK);
        range("blockBytes()", blockBytes, 1, MAX_BLOCK_BYTES);
        require(
                ggufType.isEmpty() || ggufType.getAsInt() >= 0,
                "ggufType() is %d, but must not be negative".formatted(ggufType.orElse(0)));
        require(
                ggufType.isEmpty() || !WeightFormats.hasGgmlType(ggufType.getAsInt()),
                "ggufType() is %d, which Kawi reads itself, as %s"
                        .formatted(ggufType.orElse(0), WeightFormats.ggmlTypeName(ggufType.orElse(0))));
        require(
                dtype == null || DTYPE.matcher(dtype).matches(),
                "safetensorsType() is %s, but must be 1 to 64 printable characters".formatted(Excerpt.of("" + dtype)));
        require(
                dtype == null || !OWN_DTYPES.contains(dtype),
                "safetensorsType() is %s, which Kawi reads itself".formatted(dtype));
        this.integers = integerForm ? integers((IntegerWeightFormat) format) : null;
    }

    private IntegerFormat integers(IntegerWeightFormat integral) {
        int run = integral.scaleRun();
        int largest = integral.largestQuant();
        boolean minimum = integral.hasMinimum();
        require(run == 16 || run == 32, "scaleRun() is %d, but must be 16 or 32".formatted(run));
        require(blockSize % 32 == 0, "blockSize() is %d, but must be a multiple of 32".formatted(blockSize));
        range("largestQuant()", largest, 1, minimum ? 127 : 128);
        return new IntegerFormat(run, minimum, largest);
    }

    private static void range(String what, int found, int min, int max) {
        require(found >= min && found <= max, "%s is %d, but must be from %d to %d".formatted(what, found, min, max));
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** The class of the format, for messages. */
    String provider() {
        return format.getClass().getName();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    /** The number in the type field of GGUF tensors; empty if there is none. */
    public OptionalInt ggufType() {
        return ggufType;
    }

    @Nullable String dtype() {
        return dtype;
    }

    /** The integer form that weights are converted to; null for floats. */
    @Nullable IntegerFormat integers() {
        return integers;
    }

    /**
     * A matrix in this format.
     *
     * @param file its name, for messages
     * @param stored the blocks of the rows
     */
    public Tensor tensor(String file, String tensor, int rows, int columns, TensorSource stored) {
        kawi.quant.WeightFormat target = integers != null ? integers : WeightFormats.byName("F32");
        long rowBytes = bytes(columns);
        int perPiece = Math.clamp(PIECE_BYTES / rowBytes, 1, rows);
        return ConvertedSource.tensor(tensor, target, rows, columns, List.of(stored), (from, to, out) -> {
            PackingBuffer buffer = new PackingBuffer();
            Row row = new Row(columns);
            for (int first = from; first < to; first += perPiece) {
                int count = Math.min(perPiece, to - first);
                MemorySegment in = stored.read(first * rowBytes, count * rowBytes, buffer);
                for (int r = 0; r < count; r++) {
                    long at = (first + r - from) * target.bytes(columns);
                    try {
                        row.convert(in.asSlice(r * rowBytes, rowBytes).asReadOnly(), out, at);
                    } catch (VirtualMachineError e) {
                        throw e;
                    } catch (RuntimeException | Error e) {
                        throw failure(file, tensor, first + r, e);
                    }
                }
            }
        });
    }

    private ModelFileException failure(String file, String tensor, int row, Throwable cause) {
        return new ModelFileException(
                "%s: tensor %s: the weight format %s (%s) cannot decode row %d: %s"
                        .formatted(file, Excerpt.of(tensor), name, provider(), row, cause),
                cause);
    }

    /** The arrays that a row is converted in. */
    private final class Row {

        private final int columns;
        private final float[] floats;
        private final byte[] quants;
        private final float[] scales;
        private final float[] minimums;

        Row(int columns) {
            this.columns = columns;
            this.floats = new float[integers == null ? columns : 0];
            this.quants = new byte[integers == null ? 0 : columns];
            this.scales = new float[integers == null ? 0 : columns / integers.scaleRun()];
            this.minimums = new float[integers != null && integers.hasMinimum() ? scales.length : 0];
        }

        void convert(MemorySegment in, MemorySegment out, long at) {
            if (integers == null) {
                format.decode(in, floats, 0, columns);
                MemorySegment.copy(floats, 0, out, FLOAT, at, columns);
            } else {
                ((IntegerWeightFormat) format).unpack(in, columns, quants, scales, minimums);
                checkRange(integers);
                integers.pack(quants, scales, minimums, columns, out, at);
            }
        }

        // Kernels rely on it.
        private void checkRange(IntegerFormat declared) {
            int largest = declared.largestQuant();
            int smallest = declared.hasMinimum() ? 0 : -largest;
            int greatest = declared.hasMinimum() ? largest : largest - 1;
            for (int i = 0; i < columns; i++) {
                if (quants[i] < smallest || quants[i] > greatest) {
                    throw new IllegalStateException("integer %d is %d, but by largestQuant() they are from %d to %d"
                            .formatted(i, quants[i], smallest, greatest));
                }
            }
        }
    }

    @Override
    public void decode(MemorySegment data, long offset, float[] out, int outOffset, int count) {
        format.decode(data.asSlice(offset, bytes(count)).asReadOnly(), out, outOffset, count);
    }

    @Override
    public boolean canEncode() {
        return format.canEncode();
    }

    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        try {
            format.encode(in, inOffset, count, data.asSlice(offset, bytes(count)));
        } catch (VirtualMachineError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw new IllegalArgumentException(
                    "the weight format %s (%s) cannot encode the weights: %s".formatted(name, provider(), e), e);
        }
    }

    /** All properties, for messages. */
    String describe() {
        return "%s, %d weights in %d bytes, GGUF type %s, safetensors type %s, %s"
                .formatted(
                        name,
                        blockSize,
                        blockBytes,
                        ggufType.isPresent() ? ggufType.getAsInt() : "none",
                        dtype == null ? "none" : dtype,
                        integers == null ? "floats" : "integers " + integers.name());
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(name, provider());
    }
}
