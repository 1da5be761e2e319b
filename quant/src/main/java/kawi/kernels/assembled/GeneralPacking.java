package kawi.kernels.assembled;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;

/**
 * Packs weights into 8 bits and plain scales, which represent every quantized format exactly, in plain Java through the
 * integer form.
 */
public final class GeneralPacking {

    private static final int CHUNK = 64;
    private static final int COLUMNS_PER_CHUNK = 4;

    private GeneralPacking() {}

    /**
     * Packs the rows of groups {@code [from, to)}.
     *
     * @param in the bytes of the rows
     */
    static void pack(
            Tensor tensor,
            MemorySegment in,
            QuantizedFormat format,
            QuantLayout layout,
            MemorySegment out,
            int from,
            int to) {
        int columns = tensor.columns();
        int run = format.scaleRun();
        byte[] quants = new byte[columns];
        float[] scales = new float[columns / run];
        float[] minimums = new float[scales.length];
        int firstRow = from * AssembledLayout.ROWS;
        for (int row = firstRow; row < Math.min(to * AssembledLayout.ROWS, tensor.rows()); row++) {
            format.unpack(in, (row - firstRow) * tensor.rowBytes(), columns, quants, 0, scales, minimums, 0);
            long group = row / AssembledLayout.ROWS * layout.groupBytes(columns);
            int lane = row % AssembledLayout.ROWS;
            for (int k = 0; k < columns; k++) {
                long at = group
                        + (long) k / COLUMNS_PER_CHUNK * CHUNK
                        + (long) lane * COLUMNS_PER_CHUNK
                        + k % COLUMNS_PER_CHUNK;
                out.set(ValueLayout.JAVA_BYTE, at, (byte) (quants[k] + layout.offset()));
            }
            for (int r = 0; r < scales.length; r++) {
                long at = group
                        + layout.quantBytes(columns)
                        + (long) r * layout.runScaleBytes()
                        + (long) lane * Float.BYTES;
                out.set(ValueLayout.JAVA_FLOAT, at, scales[r]);
                if (layout.minimum()) {
                    out.set(ValueLayout.JAVA_FLOAT, at + AssembledLayout.ROWS * Float.BYTES, minimums[r]);
                }
            }
        }
    }
}
