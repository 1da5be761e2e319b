package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IQ4_XSFormatTest extends QuantizedFormatTest {

    IQ4_XSFormatTest() {
        super(IQ4_XSFormat.INSTANCE, 256, 136, 32, false, 127, 0.0795);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[136];
        Arrays.fill(block, 8, 136, (byte) 0x88); // 1
        block[1] = 0x38; // d = 0.5
        block[2] = 0b00_11_00_10; // runs 0 and 2: scales of 0b10.... and 0b11....
        block[3] = 0b01_00_00_00; // run 7: 0b01....
        block[4] = 0x05; // run 0: 0b100101
        block[5] = 0x0f; // run 2: 0b111111
        block[7] = (byte) 0x90; // run 7: 0b011001
        block[8 + 2 * 16 + 3] = (byte) 0xf0; // weight 67 is -127, weight 83 is 113
        float[] expected = new float[256];
        Arrays.fill(expected, -16);
        Arrays.fill(expected, 0, 32, 0.5f * (37 - 32));
        Arrays.fill(expected, 64, 96, 0.5f * (63 - 32));
        Arrays.fill(expected, 224, 256, 0.5f * (25 - 32));
        expected[67] = 0.5f * (63 - 32) * -127;
        expected[83] = 0.5f * (63 - 32) * 113;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }
}
