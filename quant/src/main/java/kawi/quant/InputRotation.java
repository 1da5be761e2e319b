package kawi.quant;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The rotation R of the inputs of a matrix that is stored in another basis: the matrix is {@code W = stored R}, so that
 * {@code W x = stored (R x)}. Numbers in the rotated basis are distributed more evenly, which makes coarse quantization
 * better.
 *
 * <pre>
 *    R x = H (signs * P x)
 *    R^T z = P^T (signs * (H z))            a row of W from a stored row z, since R is orthogonal
 *
 *    H     the {@link Hadamard} matrix divided by the square root of its size, on each run of {@code blockSize} numbers
 *    P     puts pieces of numbers into another order; the identity unless {@link #arranged} is called
 * </pre>
 */
public final class InputRotation {

    private final int blockSize;
    private final float[] signs;

    /** Piece i of P x is piece {@code order[i]} of x. */
    private final int[] order;

    private final int piece;

    /**
     * A rotation that leaves the order as it is.
     *
     * @param blockSize the size of the Hadamard matrix: a power of two that divides the number of inputs
     * @param signs 1 or -1 for each input
     */
    public InputRotation(int blockSize, float[] signs) {
        this(blockSize, signs, new int[] {0}, signs.length);
    }

    private InputRotation(int blockSize, float[] signs, int[] order, int piece) {
        if (Integer.bitCount(blockSize) != 1 || signs.length % blockSize != 0) {
            throw new IllegalArgumentException(
                    "%d inputs cannot be divided into Hadamard blocks of %d".formatted(signs.length, blockSize));
        }
        for (float sign : signs) {
            if (Math.abs(sign) != 1) {
                throw new IllegalArgumentException("signs are 1 and -1, not " + sign);
            }
        }
        this.blockSize = blockSize;
        this.signs = Arrays.copyOf(signs, signs.length);
        this.order = Arrays.copyOf(order, order.length);
        this.piece = piece;
    }

    /**
     * The rotation that first puts pieces of inputs into the order that this one expects.
     *
     * @param order for each piece that this rotation expects, the index of the one that is given; it replaces an
     *     earlier order
     * @param piece numbers per piece
     */
    public InputRotation arranged(int[] order, int piece) {
        if ((long) order.length * piece != signs.length) {
            throw new IllegalArgumentException(
                    "%d pieces of %d are not %d inputs".formatted(order.length, piece, signs.length));
        }
        return new InputRotation(blockSize, signs, order, piece);
    }

    /** The number of inputs. */
    public int width() {
        return signs.length;
    }

    /** The size of the Hadamard matrix. */
    public int blockSize() {
        return blockSize;
    }

    /** The signs, one for each input in the order that H expects. */
    public float[] signs() {
        return Arrays.copyOf(signs, signs.length);
    }

    /** Whether inputs are put into another order. */
    public boolean isArranged() {
        return order.length > 1;
    }

    /** Writes {@code signs * P x}, which has to be multiplied with H: from and to positions in floats. */
    public void arrange(MemorySegment x, long from, MemorySegment out, long to) {
        for (int p = 0; p < order.length; p++) {
            long source = from + (long) order[p] * piece;
            int first = p * piece;
            for (int i = 0; i < piece; i++) {
                float signed = x.getAtIndex(JAVA_FLOAT, source + i) * signs[first + i];
                out.setAtIndex(JAVA_FLOAT, to + first + i, signed);
            }
        }
    }

    /** Replaces a stored row z, one float for each input from {@code at} on, by {@code R^T z}. */
    public void restore(MemorySegment row, long at) {
        Hadamard.rotate(row, at, signs.length, blockSize);
        for (int i = 0; i < signs.length; i++) {
            row.setAtIndex(JAVA_FLOAT, at + i, row.getAtIndex(JAVA_FLOAT, at + i) * signs[i]);
        }
        if (isArranged()) {
            long bytes = (long) piece * Float.BYTES;
            float[] arranged =
                    row.asSlice(at * Float.BYTES, order.length * bytes).toArray(JAVA_FLOAT);
            for (int p = 0; p < order.length; p++) {
                MemorySegment.copy(arranged, p * piece, row, JAVA_FLOAT, at * Float.BYTES + order[p] * bytes, piece);
            }
        }
    }
}
