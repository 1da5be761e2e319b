package kawi.compute;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;

/**
 * What pages hold, read as the layout has it: numbers, or integers and scales.
 *
 * @param numbers [kvHeads][positions][dim]
 * @param scales [kvHeads][positions]; 1 if the numbers are not quantized
 */
record KvNumbers(float[] numbers, float[] scales) {

    static KvNumbers keys(KvPages kv, int positions) {
        KvLayout layout = kv.layout();
        int dim = layout.keyDim();
        if (!layout.keys().quantized()) {
            return new KvNumbers(kv.keys(positions), ones(layout, positions));
        }
        KvNumbers read = allocate(layout, positions, dim);
        for (int i = 0; i < read.scales.length; i++) {
            int head = i / positions;
            MemorySegment page = kv.page(i % positions / KvPages.POSITIONS);
            int slot = i % positions % KvPages.POSITIONS;
            for (int d = 0; d < dim; d++) {
                read.numbers[i * dim + d] = key(page, layout, layout.keysAt(head), slot, d);
            }
            read.scales[i] = page.get(JAVA_FLOAT, layout.keyScalesAt(head) + 4L * slot);
        }
        return read;
    }

    private static int key(MemorySegment page, KvLayout layout, long keys, int slot, int d) {
        if (layout.keys() == KvFormat.Q8) {
            return Byte.toUnsignedInt(page.get(JAVA_BYTE, keys + (d / 4) * 1024L + slot * 4L + d % 4)) - 128;
        }
        return level(page.get(JAVA_BYTE, keys + (d / 8) * 1024L + slot * 4L + d % 4), d % 8 >= 4);
    }

    static KvNumbers values(KvPages kv, int positions) {
        KvLayout layout = kv.layout();
        int dim = layout.valueDim();
        if (!layout.values().quantized()) {
            return new KvNumbers(kv.values(positions), ones(layout, positions));
        }
        KvNumbers read = allocate(layout, positions, dim);
        for (int i = 0; i < read.scales.length; i++) {
            int head = i / positions;
            MemorySegment page = kv.page(i % positions / KvPages.POSITIONS);
            int slot = i % positions % KvPages.POSITIONS;
            long value = layout.valuesAt(head) + slot * layout.valueRowBytes();
            for (int d = 0; d < dim; d++) {
                read.numbers[i * dim + d] = layout.values() == KvFormat.Q8
                        ? page.get(JAVA_BYTE, value + d)
                        : level(page.get(JAVA_BYTE, value + (d / 16 * 8 + d % 8)), d % 16 >= 8);
            }
            read.scales[i] = page.get(JAVA_FLOAT, layout.valueScalesAt(head) + 4L * slot);
        }
        return read;
    }

    private static int level(byte two, boolean upper) {
        int bits = Byte.toUnsignedInt(two);
        return 2 * (upper ? bits / 16 : bits % 16) - 15;
    }

    private static KvNumbers allocate(KvLayout layout, int positions, int dim) {
        int rows = layout.kvHeads() * positions;
        return new KvNumbers(new float[rows * dim], new float[rows]);
    }

    private static float[] ones(KvLayout layout, int positions) {
        float[] ones = new float[layout.kvHeads() * positions];
        Arrays.fill(ones, 1);
        return ones;
    }
}
