package kawi.architecture.vision;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;

/**
 * The learned position of a patch in a grid of any size, interpolated in a square table (Qwen3.5 specification, section
 * 7.2). The corners of the grid are those of the table:
 *
 * <pre>
 *    y = row * (side - 1) / (gridHeight - 1)       0 if there is one row; x likewise
 *    y0 = floor(y), y1 = min(y0 + 1, side - 1), fy = y - y0
 *    position = (1 - fy)(1 - fx) t[y0][x0] + (1 - fy) fx t[y0][x1] + fy (1 - fx) t[y1][x0] + fy fx t[y1][x1]
 * </pre>
 *
 * {@code y} is computed in double and rounded to f32; everything after it is f32, the four products added in this order
 * by {@code fma}, and the sum added to the row. This is Java code in every tier, since it runs once per image.
 *
 * @param table f32 [side][side][width]
 */
record PositionTable(MemorySegment table, int side, int width) {

    /** Adds the position of the patch at ({@code row}, {@code column}) of a grid to row {@code to} of {@code x}. */
    void add(Activations x, int to, int row, int column, int gridHeight, int gridWidth) {
        float y = coordinate(row, gridHeight);
        float z = coordinate(column, gridWidth);
        int y0 = (int) y;
        int z0 = (int) z;
        float fy = y - y0;
        float fz = z - z0;
        int y1 = Math.min(y0 + 1, side - 1);
        int z1 = Math.min(z0 + 1, side - 1);
        add(
                x.floats(),
                (long) to * width,
                at(y0, z0),
                at(y0, z1),
                at(y1, z0),
                at(y1, z1),
                (1 - fy) * (1 - fz),
                (1 - fy) * fz,
                fy * (1 - fz),
                fy * fz);
    }

    private float coordinate(int index, int count) {
        return count == 1 ? 0 : (float) (index * (double) (side - 1) / (count - 1));
    }

    private long at(int row, int column) {
        return ((long) row * side + column) * width;
    }

    private void add(MemorySegment x, long to, long a, long b, long c, long d, float wa, float wb, float wc, float wd) {
        for (int i = 0; i < width; i++) {
            float sum = wa * table.getAtIndex(JAVA_FLOAT, a + i);
            sum = Math.fma(wb, table.getAtIndex(JAVA_FLOAT, b + i), sum);
            sum = Math.fma(wc, table.getAtIndex(JAVA_FLOAT, c + i), sum);
            sum = Math.fma(wd, table.getAtIndex(JAVA_FLOAT, d + i), sum);
            x.setAtIndex(JAVA_FLOAT, to + i, x.getAtIndex(JAVA_FLOAT, to + i) + sum);
        }
    }
}
