package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExponentialTest {

    @Test
    void hasARelativeErrorBelow2e13() {
        double floor = StrictMath.exp(-64);
        for (double x = -64; x <= 0; x += 0.0007) {
            double expected = StrictMath.exp(x);
            assertEquals(expected - floor, Exponential.exp(x), 2e-13 * expected, () -> "e^x");
        }
    }

    @Test
    void isExactAtTheBounds() {
        assertEquals(1.0, Exponential.exp(0));
        for (double x : new double[] {-64, -65, -1e300, Double.NEGATIVE_INFINITY}) {
            assertEquals(0.0, Exponential.exp(x));
        }
        assertTrue(Exponential.exp(-63.99) > 0);
    }

    @Test
    void isReproducibleInCompiledLoops() {
        // Long enough for C2 to vectorize the loop; results must be identical.
        float[] logits = new float[1024];
        var random = new SplitMix64(1);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i % 100 == 7 ? Float.NEGATIVE_INFINITY : (float) (40 * random.nextDouble() - 30);
        }
        double[] first = new double[1000];
        double[] again = new double[1000];
        Exponential.softmaxWeights(logits, 13, 1000, 10, 0.7, first);
        for (int i = 0; i < first.length; i++) {
            assertEquals(Exponential.exp((logits[13 + i] - 10.0) * (1 / 0.7)), first[i]);
        }
        for (int round = 0; round < 20_000; round++) {
            Exponential.softmaxWeights(logits, 13, 1000, 10, 0.7, again);
        }
        for (int i = 0; i < first.length; i++) {
            assertEquals(first[i], again[i]);
        }
    }

    @Test
    void extremeTemperaturesDoNotProduceNaN() {
        float[] logits = {1, 0.5f, -3e38f, Float.NEGATIVE_INFINITY};
        double[] weights = new double[4];
        Exponential.softmaxWeights(logits, 0, 4, 1, Double.MIN_VALUE, weights);
        assertTrue(weights[0] == 1 && weights[1] == 0 && weights[2] == 0 && weights[3] == 0);
        Exponential.softmaxWeights(logits, 0, 4, 1, Double.MAX_VALUE, weights);
        assertTrue(weights[0] == 1 && weights[1] == 1 && weights[2] == 1 && weights[3] == 0);
    }
}
