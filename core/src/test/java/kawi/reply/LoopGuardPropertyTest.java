package kawi.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LoopGuardPropertyTest {

    /** A block in which at least eight tokens differ if it is long enough for that. */
    private static int[] block(Random random, int period) {
        int[] block = random.ints(period, 0, 5000).toArray();
        for (int i = 0; i < Math.min(8, period); i++) {
            block[i] = 6000 + i;
        }
        return block;
    }

    private static int[] repeated(int[] before, int[] block, int length) {
        int[] tokens = Arrays.copyOf(before, before.length + length);
        for (int i = 0; i < length; i++) {
            tokens[before.length + i] = block[i % block.length];
        }
        return tokens;
    }

    @Property(tries = 200)
    void anExactLoopIsFoundInTime(
            @ForAll @IntRange(min = 1, max = LoopGuard.MAX_PERIOD) int period,
            @ForAll @IntRange(max = 1500) int beginning,
            @ForAll @IntRange(min = 2, max = 3000) int vocabulary,
            @ForAll Random random) {
        int[] before = random.ints(beginning, 0, vocabulary).toArray();
        int[] loop = repeated(before, block(random, period), 6000);
        boolean prose = period >= 8;
        int inThought = LoopGuardTest.noticed(LoopGuard.forThought(), loop) - beginning;
        int inAnswer = LoopGuardTest.noticed(LoopGuard.forAnswer(), loop) - beginning;
        int latestInThought = Math.max(512, 4 * period) + (prose ? 0 : 3 * 512 + 1);
        int latestInAnswer = Math.max(1024, 5 * period) + (prose ? 0 : 3 * 1024 + 1);
        assertTrue(inThought > 0 && inThought <= latestInThought, "thought: after " + inThought);
        assertTrue(inAnswer > 0 && inAnswer <= latestInAnswer, "answer: after " + inAnswer);
    }

    @Property(tries = 20)
    void aThoughtThatIsNineTenthsTheSameIsALoop(
            @ForAll @IntRange(min = 12, max = 300) int period, @ForAll Random random) {
        int[] tokens = repeated(new int[0], block(random, period), 12_000);
        for (int i = 0; i < tokens.length; i++) {
            // A changed token is a mismatch when it comes and again a period later.
            if (random.nextInt(25) == 0) {
                tokens[i] = 10_000 + random.nextInt(5000);
            }
        }
        int after = LoopGuardTest.noticed(LoopGuard.forThought(), tokens);
        assertTrue(after > 0 && after < 8000, "after " + after);
        assertEquals(-1, LoopGuardTest.noticed(LoopGuard.forAnswer(), tokens));
    }

    @Property(tries = 15)
    void randomTextNeverLoops(@ForAll @IntRange(min = 2, max = 5000) int vocabulary, @ForAll Random random) {
        int[] tokens = random.ints(20_000, 0, vocabulary).toArray();
        assertEquals(-1, LoopGuardTest.noticed(LoopGuard.forThought(), tokens));
        assertEquals(-1, LoopGuardTest.noticed(LoopGuard.forAnswer(), tokens));
    }

    @Property(tries = 10)
    void theSimpleDefinitionAgrees(@ForAll @IntRange(min = 1, max = 40) int period, @ForAll Random random) {
        int[] block = block(random, period);
        int[] tokens = IntStream.range(0, 2000)
                .map(i -> random.nextInt(30) == 0 ? 1 : block[i % period])
                .toArray();
        assertEquals(simply(tokens, 512, 4, 6), LoopGuardTest.noticed(LoopGuard.forThought(), tokens));
        assertEquals(simply(tokens, 1024, 5, 32), LoopGuardTest.noticed(LoopGuard.forAnswer(), tokens));
    }

    private static int simply(int[] tokens, int span, int repeats, int penalty) {
        int[] score = new int[LoopGuard.MAX_PERIOD + 1];
        int overdue = 0;
        for (int i = 0; i < tokens.length; i++) {
            boolean suspicious = false;
            for (int p = 1; p <= LoopGuard.MAX_PERIOD; p++) {
                int end = Math.max((repeats - 1) * p, span - p);
                boolean equal = i >= p && tokens[i] == tokens[i - p];
                score[p] = Math.clamp(score[p] + (equal ? 1 : -penalty), 0, end);
                if (score[p] == end) {
                    suspicious = true;
                    if (Arrays.stream(tokens, i - p + 1, i + 1).distinct().count() >= 8) {
                        return i + 1;
                    }
                }
            }
            overdue = suspicious ? overdue + 1 : Math.max(0, overdue - penalty);
            if (overdue > 3 * span) {
                return i + 1;
            }
        }
        return -1;
    }
}
