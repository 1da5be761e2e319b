package kawi.kernels.assembled.a64;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the loops with vector instructions in AArch64 code by its backward branches, and counts their instructions.
 */
final class InnerLoops {

    private static final int RET = 0xD65F03C0;

    /**
     * A loop that contains no other with vector instructions.
     *
     * @param loads the vector registers that are loaded
     * @param products the products of integers
     * @param fma the products of floats that are added
     * @param around the instructions of the next loop around it without those of this one, 0 if there is none
     */
    record Loop(int instructions, int vectors, int loads, int products, int fma, int around) {}

    private record Range(int first, int last) {

        boolean contains(Range other) {
            return !equals(other) && first <= other.first && other.last <= last;
        }

        boolean vectorsOrLoads(int[] words) {
            for (int i = first; i <= last; i++) {
                if (isVector(words[i]) || loads(words[i]) > 0) {
                    return true;
                }
            }
            return false;
        }

        int length() {
            return last - first + 1;
        }
    }

    private InnerLoops() {}

    static List<Loop> of(byte[] code) {
        int[] words = new int[code.length / 4];
        ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
        int end = words.length;
        while (end > 0 && words[end - 1] != RET) {
            end--;
        }
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; i < end; i++) {
            int distance = distance(words[i]);
            Range range = new Range(i + distance, i);
            if (distance < 0 && range.vectorsOrLoads(words)) {
                // Of several branches to the same place the last one ends the loop.
                ranges.removeIf(other -> other.first == range.first);
                ranges.add(range);
            }
        }
        List<Loop> loops = new ArrayList<>();
        for (Range range : ranges) {
            if (ranges.stream().noneMatch(range::contains)) {
                int around = ranges.stream()
                        .filter(other -> other.contains(range))
                        .mapToInt(other -> other.length() - range.length())
                        .min()
                        .orElse(0);
                loops.add(loop(words, range, around));
            }
        }
        return loops;
    }

    /** The distance of a branch in instructions; 0 if it is none, or a call. */
    private static int distance(int word) {
        if (word >>> 26 == 5) {
            return word << 6 >> 6;
        }
        if (word >>> 24 == 0x54 || (word >>> 25 & 0x3F) == 0x1A) {
            return word << 8 >> 13;
        }
        return (word >>> 25 & 0x3F) == 0x1B ? word << 13 >> 18 : 0;
    }

    private static Loop loop(int[] words, Range range, int around) {
        int vectors = 0;
        int loads = 0;
        int products = 0;
        int fma = 0;
        for (int i = range.first; i <= range.last; i++) {
            int word = words[i];
            vectors += isVector(word) ? 1 : 0;
            loads += loads(word);
            products += products(word);
            fma += fma(word);
        }
        return new Loop(range.length(), vectors, loads, products, fma, around);
    }

    /** Advanced SIMD and scalar floats, not loads and stores. */
    private static boolean isVector(int word) {
        return (word >>> 25 & 7) == 7;
    }

    private static int loads(int word) {
        if ((word & 0x3E400000) == 0x2C400000) {
            return 2;
        }
        if ((word & 0x3F000000) == 0x1C000000 || ((word & 0x3E000000) == 0x3C000000 && (word & 0x00400000) != 0)) {
            return 1;
        }
        if ((word & 0xBF400000) == 0x0C400000) {
            return switch (word >> 12 & 15) {
                case 7 -> 1;
                case 8, 10 -> 2;
                case 4, 6 -> 3;
                default -> 4;
            };
        }
        if ((word & 0xBF400000) == 0x0D400000) {
            return (word & 0x00200000) != 0 ? (word >> 13 & 1) != 0 ? 4 : 2 : (word >> 13 & 1) != 0 ? 3 : 1;
        }
        return 0;
    }

    /** The products of a multiplication of integers whose results are at least twice as wide. */
    private static int products(int word) {
        boolean whole = (word & 1 << 30) != 0;
        int size = word >> 22 & 3;
        if ((word & 0x9FE0FC00) == 0x0E809400 || (word & 0x9FC0F400) == 0x0F80E000) {
            return whole ? 16 : 8;
        }
        if ((word & 0xFFE0FC00) == 0x4E80A400) {
            return 32;
        }
        int vector = word & 0x9F20FC00;
        int element = word & 0x9F00F400;
        boolean widening = vector == 0x0E208000
                || vector == 0x0E20A000
                || vector == 0x0E20C000
                || element == 0x0F002000
                || element == 0x0F006000
                || element == 0x0F00A000;
        return widening ? 8 >> size : 0;
    }

    private static int fma(int word) {
        boolean whole = (word & 1 << 30) != 0;
        if ((word & 0xBF20FC00) == 0x0E20CC00 || (word & 0xBF80B400) == 0x0F801000) {
            return whole ? 4 : 2;
        }
        return (word & 0xFF000000) == 0x1F000000 ? 1 : 0;
    }
}
