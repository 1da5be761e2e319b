package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TQ2_0FormatTest extends QuantizedFormatTest {

    TQ2_0FormatTest() {
        super(TQ2_0Format.INSTANCE, 256, 66, 32, false, 3, 0.44);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[66];
        Arrays.fill(block, 0, 64, (byte) 0b01_01_01_01); // 0
        block[3] = (byte) 0b10_00_01_10;
        block[32 + 31] = 0b00_01_11_01;
        block[65] = 0x40; // d = 2
        float[] expected = new float[256];
        expected[3] = 2;
        expected[64 + 3] = -2;
        expected[96 + 3] = 2;
        expected[128 + 32 + 31] = 4;
        expected[128 + 96 + 31] = -2;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }

    @Test
    void ternaryWeightsAreExact() {
        float[] weights = new float[512];
        Random random = new Random(5);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = 0.0625f * 1.125f * (random.nextInt(3) - 1);
        }
        assertArrayEquals(weights, roundTrip(weights));
    }
}
