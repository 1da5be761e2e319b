package kawi.kernels.assembled;

/**
 * The argument block of the machine code for the row operations: byte offsets of 64-bit numbers and pointers, then two
 * floats, then the pointer to the biases. For the sum, the width is that of X in bytes, and Y receives one partial sum
 * for each lane.
 */
public final class RowArguments {

    private RowArguments() {}

    public static final int X = 0;
    public static final int OTHER = 8;
    public static final int Y = 16;
    public static final int WIDTH = 24;
    public static final int ROWS = 32;
    public static final int EPS = 40;
    public static final int DIVISOR = 44;
    public static final int BIAS = 48;
}
