package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ScoreTest {

    @Test
    void addsUpNatsByHand() throws IOException {
        try (var score = new Score(3, 4, null)) {
            score.add(new float[] {0, 0, 0, 0}, 2); // ln 4
            score.add(new float[] {0, (float) Math.log(3), Float.MIN_VALUE, 0}, 1); // ln(6 / 3)
            score.add(new float[] {5, 7, 7, 1});
            assertEquals(3, score.positions());
            assertEquals(2, score.predicted());
            assertEquals(Math.log(8), score.nats(), 1e-7);
            assertEquals(Math.log(8) / 2, score.meanNats(), 1e-7);
            assertArrayEquals(new int[] {0, 1, 1}, score.greedy(), "of equal logits the lower id");
        }
    }

    @Test
    void largeLogitsDoNotOverflow() throws IOException {
        try (var score = new Score(1, 2, null)) {
            score.add(new float[] {3e38f, -3e38f}, 0);
            assertEquals(0, score.nats());
        }
    }

    @Test
    void whatIsNotANumberIsNoScore() throws IOException {
        try (var score = new Score(1, 3, null)) {
            var e = assertThrows(IllegalStateException.class, () -> score.add(new float[] {1, Float.NaN, 2}, 0));
            assertTrue(Failure.sentence(e).contains("the logit of token 1 is NaN"));
        }
    }
}
