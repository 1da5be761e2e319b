package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q4_KFormatTest extends QuantizedFormatTest {

    Q4_KFormatTest() {
        super(Q4_KFormat.INSTANCE, 256, 144, 32, true, 15, 0.0710);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[144];
        block[4 + 1] = 3; // run 1: scale 3, minimum 2
        block[8 + 1] = 2;
        block[4 + 2] = (byte) 0b10_000000; // run 6: scale 0b10_0101, minimum 0b01_0011
        block[8 + 2] = 0b01_000000;
        block[12 + 2] = 0b0011_0101;
        block[1] = 0x3c; // d = 1
        block[3] = 0x38; // dmin = 0.5
        block[16 + 7] = (byte) 0x90; // weight 39 is 9
        block[16 + 96 + 8] = 0x0b; // weight 200 is 11
        float[] expected = new float[256];
        Arrays.fill(expected, 32, 64, -0.5f * 2);
        expected[39] = 3 * 9 - 0.5f * 2;
        Arrays.fill(expected, 192, 224, -0.5f * 19);
        expected[200] = 37 * 11 - 0.5f * 19;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }
}
