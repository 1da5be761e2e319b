package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q2_KFormatTest extends QuantizedFormatTest {

    Q2_KFormatTest() {
        super(Q2_KFormat.INSTANCE, 256, 84, 16, true, 3, 0.265);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[84];
        block[3] = 0x52; // run 3: scale 2, minimum 5
        block[5] = 0x01;
        block[7] = 0x0f;
        block[15] = 0x13;
        block[16 + 20] = (byte) 0b11_10_01_00; // weights 20, 52, 84, 116 are 0, 1, 2, 3
        block[16 + 32 + 31] = (byte) 0b10_00_00_00; // weight 255 is 2
        block[81] = 0x3c; // d = 1
        block[83] = 0x38; // dmin = 0.5
        float[] expected = new float[256];
        Arrays.fill(expected, 48, 64, -2.5f);
        expected[52] = 2 * 1 - 0.5f * 5;
        expected[84] = 1 * 2;
        expected[116] = 15 * 3;
        Arrays.fill(expected, 240, 256, -0.5f);
        expected[255] = 3 * 2 - 0.5f * 1;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }
}
