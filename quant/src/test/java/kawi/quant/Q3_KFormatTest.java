package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q3_KFormatTest extends QuantizedFormatTest {

    Q3_KFormatTest() {
        super(Q3_KFormat.INSTANCE, 256, 110, 16, false, 4, 0.1455);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[110];
        Arrays.fill(block, 0, 32, (byte) 0xff); // every third bit is set
        block[23] = (byte) 0b1110_1111; // but that of weight 32 * 4 + 23
        block[32 + 1] = 0b00_00_01_00; // weight 33 is 1
        block[32 + 32 + 22] = 0b00_00_00_11; // weight 150 is 3
        block[96 + 1] = 0x50; // run 9: scale 0b10_0101
        block[104 + 1] = 0b00_10_00_00;
        block[96 + 2] = 0x0f; // run 2: scale 0b11_1111
        block[104 + 2] = 0b00_00_00_11;
        block[109] = 0x3c; // d = 1
        float[] expected = new float[256];
        Arrays.fill(expected, -0f); // scale 0 - 32, integer 0 + 4 - 4
        Arrays.fill(expected, 32, 48, 0);
        expected[33] = (63 - 32) * 1;
        Arrays.fill(expected, 144, 160, 0);
        expected[150] = (37 - 32) * 3;
        expected[151] = (37 - 32) * -4;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }
}
