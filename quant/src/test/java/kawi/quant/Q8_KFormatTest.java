package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Q8_KFormatTest extends QuantizedFormatTest {

    Q8_KFormatTest() {
        super(Q8_KFormat.INSTANCE, 256, 292, 32, false, 128, 0.0071);
    }

    @Test
    void decodesBytesWrittenByHand() {
        byte[] block = new byte[292];
        block[3] = 0x3e; // d = 0.25
        block[2] = (byte) 0x80;
        block[4] = -128;
        block[4 + 255] = 127;
        Arrays.fill(block, 260, 292, (byte) 0x55); // sums do not matter
        float[] expected = new float[256];
        expected[0] = -32;
        expected[255] = 31.75f;
        assertArrayEquals(expected, decoded(MemorySegment.ofArray(block)));
    }

    @Test
    void writesTheSumsOfSixteen() {
        MemorySegment data = encoded(normalWeights(256));
        for (int run = 0; run < 16; run++) {
            int sum = 0;
            for (int i = 0; i < 16; i++) {
                sum += data.get(ValueLayout.JAVA_BYTE, 4 + 16L * run + i);
            }
            assertEquals(sum, data.get(LittleEndian.SHORT, 260 + 2L * run));
        }
    }

    /** The scale is an f32. */
    @Override
    @Test
    void hugeWeightsAreRefusedOrHeld() {
        for (float large : new float[] {1e9f, 3e38f, Float.MAX_VALUE}) {
            float[] weights = new float[256];
            weights[3] = large;
            weights[4] = -large;
            float[] decoded = roundTrip(weights);
            assertEquals(large, decoded[3], large * 0x1p-20f);
            assertEquals(-large, decoded[4], large * 0x1p-20f);
        }
    }
}
