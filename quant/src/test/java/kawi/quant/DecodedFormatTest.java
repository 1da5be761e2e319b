package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formats that are decoded only; what their codes stand for is compared with ggml in {@link GgmlCodesTest}. */
class DecodedFormatTest {

    @ParameterizedTest
    @CsvSource({
        "IQ3_S, 256, 110, 32, 16",
        "IQ3_XXS, 256, 98, 32, 16",
        "IQ2_S, 256, 82, 16, 6",
        "IQ2_XS, 256, 74, 16, 6",
        "IQ2_XXS, 256, 66, 32, 6",
        "IQ1_M, 256, 56, 16, 6",
        "IQ1_S, 256, 50, 32, 6",
        "NVFP4, 64, 36, 16, 15",
        "IQ4_KS, 256, 140, 32, 0"
    })
    void hasItsBlocks(String name, int blockSize, int blockBytes, int scaleRun, int integers) {
        QuantizedFormat format = (QuantizedFormat) WeightFormats.byName(name);
        assertEquals(name, format.name());
        assertEquals(blockSize, format.blockSize());
        assertEquals(blockBytes, format.blockBytes());
        assertEquals(scaleRun, format.scaleRun());
        assertEquals(integers, format.codeBook().length);
        assertFalse(format.hasMinimum());
        assertFalse(format.canEncode());
    }

    @Test
    void theyAreAll() {
        assertEquals(
                List.of("IQ3_S", "IQ3_XXS", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S", "NVFP4", "IQ4_KS"),
                WeightFormats.all().stream()
                        .filter(format -> !format.canEncode())
                        .map(WeightFormat::name)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({"IQ3_S", "IQ3_XXS", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S", "NVFP4", "IQ4_KS"})
    void refusesToEncode(String name) {
        WeightFormat format = WeightFormats.byName(name);
        assertSame(format, WeightFormats.byName(name));
        MemorySegment data = MemorySegment.ofArray(new byte[format.blockBytes()]);
        var failure = assertThrows(
                UnsupportedOperationException.class,
                () -> format.encode(new float[format.blockSize()], 0, format.blockSize(), data, 0));
        assertEquals("weights in %s can be read, but Kawi cannot encode them".formatted(name), failure.getMessage());
    }

    /** Scale 0.5 of d = 2 in the first run; point 1 of the grid is (2, 0, 0, 0, 0, 0, 0, 0) in steps. */
    @Test
    void decodesAnIQ2_XXSBlockWrittenByHand() {
        byte[] block = new byte[66];
        block[1] = 0x40; // d = 2
        block[2] = 1;
        block[6] = 0b0000_0010; // weight 1 is negative, and to make the number of negative ones even, weight 7 is
        block[9] = 0x10; // s = 1
        float[] expected = new float[256];
        Arrays.fill(expected, 0.25f * 8); // 2 * 0.5 / 4
        Arrays.fill(expected, 0, 32, 0.75f * 8); // 2 * 1.5 / 4
        expected[0] = 0.75f * 43;
        expected[1] = -0.75f * 8;
        expected[7] = -0.75f * 8;
        float[] decoded = new float[256];
        IQ2_XXSFormat.INSTANCE.decode(MemorySegment.ofArray(block), 0, decoded, 0, 256);
        assertArrayEquals(expected, decoded);
    }

    /** The points of code 0 are -1 eight times. */
    @Test
    void decodesAnIQ1_SBlockWrittenByHand() {
        byte[] block = new byte[50];
        block[1] = 0x40; // d = 2
        block[34 + 3] = (byte) 0xa0; // run 1: shifted down, s = 2
        float[] expected = new float[256];
        Arrays.fill(expected, 2 * (-1 + 0.125f));
        Arrays.fill(expected, 32, 64, 2 * 5 * (-1 - 0.125f));
        float[] decoded = new float[256];
        IQ1_SFormat.INSTANCE.decode(MemorySegment.ofArray(block), 0, decoded, 0, 256);
        assertArrayEquals(expected, decoded);
    }

    @ParameterizedTest
    @CsvSource({"00, 0", "01, 0x1p-9", "07, 0x7p-9", "08, 0x1p-6", "38, 1", "39, 1.125", "7e, 448", "7f, 0", "b8, 1"})
    void scalesOfNVFP4AreFloatsOfEightBits(String bits, float scale) {
        MemorySegment block = WeightFormatTest.bytes("00" + bits + "0000" + "22".repeat(32));
        float[] decoded = new float[64];
        NVFP4Format.INSTANCE.decode(block, 0, decoded, 0, 64);
        assertEquals(0, decoded[0]);
        assertEquals(scale, decoded[16]);
        assertEquals(scale, decoded[31]);
        assertEquals(0, decoded[32]);
    }

    /** Two rows of two blocks, each row with its factor in front. */
    @Test
    void rowsOfIQ4_KSHaveOneFactor() {
        byte[] rows = new byte[2 * (4 + 2 * 136)];
        for (int row = 0; row < 2; row++) {
            int at = row * (4 + 2 * 136);
            rows[at + 3] = 0x40; // d = 2
            rows[at + 4 + row * 136 + 1] = (byte) (128 + 2); // run 1 of block 0 or 1: s = 130, the first table
            rows[at + 4 + row * 136 + 2] = (byte) (128 + 3); // run 2: s = 130, the second table
            rows[at + 4 + row * 136 + 8 + 32 + 5] = (byte) 0xf0; // weight 64 + 5 is -123, weight 64 + 21 is 117
        }
        WeightFormat format = IQ4_KSFormat.INSTANCE;
        assertEquals(4 + 2 * 136, RowHeader.rowBytes(format, 512));
        MemorySegment blocks = MemorySegment.ofArray(new byte[4 * 140]);
        RowHeader.toBlocks(format, 512, MemorySegment.ofArray(rows), blocks);
        float[] weights = new float[1024];
        format.decode(blocks, 0, weights, 0, 1024);
        float[] expected = new float[1024];
        Arrays.fill(expected, 2 * -127 * -127);
        for (int start : new int[] {0, 768}) {
            Arrays.fill(expected, start + 32, start + 64, 2 * 3 * -127);
            Arrays.fill(expected, start + 64, start + 96, 2 * 3 * -123);
            expected[start + 64 + 21] = 2 * 3 * 117;
        }
        assertArrayEquals(expected, weights);
    }
}
