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

    /**
     * Sections of 11 and 10 of 32 frequencies: t, h, w, t, h, w, ..., t(30), h(31), each with the bits of its own
     * position.
     */
    @Test
    void aFrequencyReadsTheCoordinateOfItsSection() {
        int half = 32;
        try (Arena arena = Arena.ofConfined()) {
            Rotation plain = new Rotation(2 * half, 1e7, 3, arena);
            Rotation rotation = new Rotation(Rotation.frequencies(2 * half, 1e7), 1, 3, arena, 11, 10);
            int[] position = {70_001, 19, 4_000};
            for (int axis = 0; axis < 3; axis++) {
                plain.fill(axis, position[axis]);
            }
            rotation.fill(0, position[0], position[1], position[2]);
            rotation.fill(2, 5);
            for (int j = 0; j < half; j++) {
                int axis = j % 3 == 1 ? 1 : j % 3 == 2 && j < 30 ? 2 : 0;
                assertEquals(
                        plain.cosines().getAtIndex(ValueLayout.JAVA_FLOAT, plain.row(axis) + j),
                        rotation.cosines().getAtIndex(ValueLayout.JAVA_FLOAT, j));
                assertEquals(
                        plain.sines().getAtIndex(ValueLayout.JAVA_FLOAT, plain.row(axis) + j),
                        rotation.sines().getAtIndex(ValueLayout.JAVA_FLOAT, j));
            }
            plain.fill(0, 5);
            for (int j = 0; j < half; j++) {
                assertEquals(
                        plain.cosines().getAtIndex(ValueLayout.JAVA_FLOAT, j),
                        rotation.cosines().getAtIndex(ValueLayout.JAVA_FLOAT, rotation.row(2) + j));
            }
        }
    }

    @Test
    void givenFrequenciesAndMagnitudeApply() {
        try (Arena arena = Arena.ofConfined()) {
            Rotation rotation = new Rotation(new double[] {1, 0.125}, 1.25, 2, arena, 0, 0);
            rotation.fill(1, 1_000_003);
            long row = rotation.row(1);
            float half = Math.ulp(1.25f) / 2;
            assertEquals(
                    1.25 * StrictMath.cos(1_000_003), rotation.cosines().getAtIndex(ValueLayout.JAVA_FLOAT, row), half);
            assertEquals(
                    1.25 * StrictMath.sin(1_000_003 / 8.0),
                    rotation.sines().getAtIndex(ValueLayout.JAVA_FLOAT, row + 1),
                    half);
        }
    }
}
