package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q5_KFormatTest extends QuantizedFormatTest {

    Q5_KFormatTest() {
        super(Q5_KFormat.INSTANCE, 256, 176, 32, true, 31, 0.0352);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[176];
        block[4 + 1] = 3; // run 1: scale 3, minimum 2
        block[8 + 1] = 2;
        block[4 + 2] = (byte) 0b10_000000; // run 6: scale 0b10_0101, minimum 0b01_0011
        block[8 + 2] = 0b01_000000;
        block[12 + 2] = 0b0011_0101;
        block[1] = 0x3c; // d = 1
        block[3] = 0x38; // dmin = 0.5
        block[16 + 7] = 0b0000_0010; // weight 39 is 16 + 9
        block[48 + 7] = (byte) 0x90;
        block[16 + 8] = 0b0100_0000; // weight 200 is 16 + 11
        block[48 + 96 + 8] = 0x0b;
        float[] expected = new float[256];
        Arrays.fill(expected, 32, 64, -0.5f * 2);
        expected[39] = 3 * 25 - 0.5f * 2;
        Arrays.fill(expected, 192, 224, -0.5f * 19);
        expected[200] = 37 * 27 - 0.5f * 19;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }
}
