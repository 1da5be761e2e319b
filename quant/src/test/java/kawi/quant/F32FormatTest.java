package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class F32FormatTest extends WeightFormatTest {

    F32FormatTest() {
        super(F32Format.INSTANCE, 1, 4, 0);
    }

    @Test
    void isTheBitsOfTheFloat() {
        var data = bytes("0000803f 000000c0 01000000 ffffff7f");
        assertArrayEquals(new float[] {1, -2, Float.MIN_VALUE, Float.intBitsToFloat(0x7fffffff)}, decoded(data));
        assertArrayEquals(
                bytes("0000803f 000000c0 000080ff").toArray(ValueLayout.JAVA_BYTE),
                encoded(1, -2, Float.NEGATIVE_INFINITY).toArray(ValueLayout.JAVA_BYTE));
    }
}
