package kawi.safetensors.quantized;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import kawi.safetensors.quantized.Parts.Part;

/**
 * Where the integers and zero points of a matrix are: output {@code row}, input {@code column}, group {@code group} of
 * inputs. Integers and zero points are unsigned numbers of 4 or 8 bits; a signed byte counts from -128, stored as it is.
 */
sealed interface IntegerLayout permits GptqLayout, AwqLayout, PackedLayout, ByteLayout {

    ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    int rows();

    int columns();

    int bits();

    /** The tensor of integers. */
    Part weights();

    /** The tensor of scales. */
    Scales scales();

    /** The number of groups of inputs. */
    int groups();

    /** The group of each input. */
    int[] groupOf(List<MemorySegment> parts);

    /**
     * The integers of some rows, row after row, as bytes without sign.
     *
     * @param to the row after the last
     */
    void integers(List<MemorySegment> parts, int from, int to, byte[] out);

    /** The zero point of a group of a row; the integers minus it are the signed numbers that scales multiply. */
    int zero(List<MemorySegment> parts, int row, int group);

    /** The zero point that all groups of a symmetric matrix have. */
    default int middle() {
        return 1 << (bits() - 1);
    }
}
