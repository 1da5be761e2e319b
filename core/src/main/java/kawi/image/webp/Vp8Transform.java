package kawi.image.webp;

/** The inverse transforms of VP8 (RFC 6386, section 14), in exact integer arithmetic. */
final class Vp8Transform {

    private Vp8Transform() {}

    /** Writes coefficient 0 of each of 16 blocks. */
    static void walshHadamard(int[] in, int[] blocks) {
        int[] columns = new int[16];
        for (int i = 0; i < 4; i++) {
            int a = in[i] + in[12 + i];
            int b = in[4 + i] + in[8 + i];
            int c = in[4 + i] - in[8 + i];
            int d = in[i] - in[12 + i];
            columns[i] = a + b;
            columns[4 + i] = c + d;
            columns[8 + i] = a - b;
            columns[12 + i] = d - c;
        }
        for (int i = 0; i < 16; i += 4) {
            int a = columns[i] + columns[i + 3];
            int b = columns[i + 1] + columns[i + 2];
            int c = columns[i + 1] - columns[i + 2];
            int d = columns[i] - columns[i + 3];
            blocks[16 * i] = (a + b + 3) >> 3;
            blocks[16 * i + 16] = (c + d + 3) >> 3;
            blocks[16 * i + 32] = (a - b + 3) >> 3;
            blocks[16 * i + 48] = (d - c + 3) >> 3;
        }
    }

    /** Adds the inverse cosine transform of a block to the 4 x 4 pixels at {@code to}. */
    static void addCosine(int[] in, int at, byte[] plane, int to, int stride) {
        int[] columns = new int[16];
        for (int i = 0; i < 4; i++) {
            int i0 = in[at + i];
            int i1 = in[at + 4 + i];
            int i2 = in[at + 8 + i];
            int i3 = in[at + 12 + i];
            int a = i0 + i2;
            int b = i0 - i2;
            int c = sine(i1) - cosine(i3);
            int d = cosine(i1) + sine(i3);
            columns[i] = a + d;
            columns[4 + i] = b + c;
            columns[8 + i] = b - c;
            columns[12 + i] = a - d;
        }
        for (int y = 0; y < 4; y++) {
            int i0 = columns[4 * y];
            int i1 = columns[4 * y + 1];
            int i2 = columns[4 * y + 2];
            int i3 = columns[4 * y + 3];
            int a = i0 + i2 + 4;
            int b = i0 - i2 + 4;
            int c = sine(i1) - cosine(i3);
            int d = cosine(i1) + sine(i3);
            int row = to + y * stride;
            add(plane, row, (a + d) >> 3);
            add(plane, row + 1, (b + c) >> 3);
            add(plane, row + 2, (b - c) >> 3);
            add(plane, row + 3, (a - d) >> 3);
        }
    }

    private static void add(byte[] plane, int at, int difference) {
        plane[at] = (byte) Math.max(0, Math.min(255, (plane[at] & 0xff) + difference));
    }

    /** sqrt(2) cos(pi / 8). */
    private static int cosine(int x) {
        return x + ((x * 20_091) >> 16);
    }

    /** sqrt(2) sin(pi / 8). */
    private static int sine(int x) {
        return (x * 35_468) >> 16;
    }
}
