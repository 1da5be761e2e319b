package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class RotationTest {

    @Test
    void cosinesAndSinesAreThoseOfTheDoubleAngle() {
        int dims = 64;
        double theta = 1e7;
        try (Arena arena = Arena.ofConfined()) {
            Rotation rotation = new Rotation(dims, theta, 1, arena);
            for (int position = 0; position < 262_144; position += position < 2000 ? 1 : 97) {
                rotation.fill(0, position);
                for (int j = 0; j < dims / 2; j++) {
                    double angle = position * StrictMath.pow(theta, -2.0 * j / dims);
                    float cosine = rotation.cosines().getAtIndex(ValueLayout.JAVA_FLOAT, j);
                    float sine = rotation.sines().getAtIndex(ValueLayout.JAVA_FLOAT, j);
                    // Both are roundings of a double that is right to its last few bits.
                    assertEquals(StrictMath.cos(angle), cosine, Math.ulp(1f) / 2 + 1e-15, "cosine at " + position);
                    assertEquals(StrictMath.sin(angle), sine, Math.ulp(1f) / 2 + 1e-15, "sine at " + position);
                }
            }
        }
    }
}
