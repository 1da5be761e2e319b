package kawi.kernels.assembled;

import kawi.quant.FloatFormat;

/**
 * The execution layouts of float weights in the assembled tier: 16 rows side by side, columns ascending.
 *
 * <pre>
 *    F32    [columns][16 rows] f32
 *    F16    [columns][16 rows] f16
 *    BF16   [columns / 2][16 rows][2 columns] bf16, an odd last column beside zeros:
 *           a shift or a mask makes one of them f32
 * </pre>
 */
public enum FloatLayout implements AssembledLayout {
    F32,
    F16,
    BF16;

    private static final int ALIGNMENT = 64;

    public static FloatLayout of(FloatFormat format) {
        return switch (format.name()) {
            case "F16" -> F16;
            case "BF16" -> BF16;
            default -> F32;
        };
    }

    /** The size in bytes of an element for packing, where a pair of BF16 counts as one. */
    public int elementBytes() {
        return this == F16 ? Short.BYTES : Integer.BYTES;
    }

    /** Bytes of two columns of a group. */
    public int pairBytes() {
        return this == F32 ? 2 * ROWS * Float.BYTES : 2 * ROWS * Short.BYTES;
    }

    @Override
    public long groupBytes(int columns) {
        long bytes = (columns + 1L) / 2 * pairBytes();
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
