package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q6_KFormatTest extends QuantizedFormatTest {

    Q6_KFormatTest() {
        super(Q6_KFormat.INSTANCE, 256, 210, 16, false, 32, 0.0175);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[210];
        block[192] = 1; // scale of run 0
        block[0] = 0x07; // weight 0 is 7 + 16 - 32
        block[128] = 0b00_00_00_01;
        block[192 + 14] = -128;
        block[64 + 37] = (byte) 0xf0; // weight 128 + 64 + 37 is 15 + 48 - 32
        block[128 + 32 + 5] = (byte) 0b11_00_00_00;
        block[209] = 0x38; // d = 0.5
        float[] expected = new float[256];
        Arrays.fill(expected, -0f); // scale 0, integer -32
        Arrays.fill(expected, 0, 16, 0.5f * -32);
        expected[0] = 0.5f * -9;
        Arrays.fill(expected, 224, 240, 0.5f * -128 * -32);
        expected[229] = 0.5f * -128 * 31;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }
}
