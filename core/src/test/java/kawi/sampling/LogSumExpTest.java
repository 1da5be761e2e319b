package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogSumExpTest {

    private final LogSumExp logSumExp = new LogSumExp();

    @Test
    void isTheLogarithmOfTheSum() {
        var random = new Random(3);
        for (int n : new int[] {1, 7, 1024, 5000}) {
            float[] logits = new float[n];
            double sum = 0;
            for (int i = 0; i < n; i++) {
                logits[i] = (float) (6 * random.nextGaussian());
                sum += Math.exp(logits[i]);
            }
            assertEquals(Math.log(sum), logSumExp.of(logits), 1e-11);
        }
    }

    @Test
    void excludedTokensCountNothing() {
        assertEquals(100, logSumExp.of(new float[] {Float.NEGATIVE_INFINITY, 100, Float.NEGATIVE_INFINITY}));
        assertEquals(100 + Math.log(2), logSumExp.of(new float[] {100, Float.NEGATIVE_INFINITY, 100}), 1e-12);
    }
}
