package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LengthDistributionTest {

    private static final int SAMPLES = 20_000;

    private static int[] samples(String text) {
        LengthDistribution distribution = LengthDistribution.parse(text, "--prompt");
        SplittableRandom random = new SplittableRandom(3);
        int[] samples = IntStream.range(0, SAMPLES)
                .map(i -> distribution.sample(random))
                .toArray();
        assertTrue(Arrays.stream(samples).allMatch(length -> length >= 1 && length <= distribution.max()));
        return samples;
    }

    private static Map<Integer, Long> counts(String text) {
        return Arrays.stream(samples(text))
                .boxed()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    @Test
    void oneLength() {
        assertEquals(Map.of(128, (long) SAMPLES), counts("128"));
        assertEquals(128, LengthDistribution.parse("128", "").max());
    }

    @Test
    void uniformLengths() {
        Map<Integer, Long> counts = counts("uniform:3-7");
        assertEquals(5, counts.size());
        counts.forEach((length, count) -> assertEquals(SAMPLES / 5.0, count, 300, "length " + length));
        assertEquals(7, LengthDistribution.parse("uniform:3-7", "").max());
    }

    @Test
    void lognormalLengths() {
        int[] sorted = Arrays.stream(samples("lognormal:100,0.5,4000")).sorted().toArray();
        assertEquals(100, sorted[SAMPLES / 2], 2);
        // One standard deviation above and below: 84.13 % and 15.87 %.
        assertEquals(100 * Math.exp(0.5), sorted[(int) (SAMPLES * 0.8413)], 4);
        assertEquals(100 * Math.exp(-0.5), sorted[(int) (SAMPLES * 0.1587)], 2);
        assertEquals(800, LengthDistribution.parse("lognormal:100,2", "").max());
        assertTrue(Arrays.stream(samples("lognormal:100,2")).anyMatch(length -> length == 800));
    }

    @Test
    void weightedLengths() {
        Map<Integer, Long> counts = counts("32*7,512*3");
        assertEquals(2, counts.size());
        assertEquals(SAMPLES * 0.7, counts.getOrDefault(32, 0L), 300);
        assertEquals(512, LengthDistribution.parse("32*7,512*3", "").max());
        assertEquals(3, counts("1,2,3").size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "-1",
                "x",
                "1.5",
                "uniform:0-5",
                "uniform:7-3",
                "uniform:3",
                "lognormal:5",
                "lognormal:0,1",
                "lognormal:9,1,8",
                "lognormal:9,1.2.3",
                "3*0",
                "3*,4",
                "99999999999",
                "lognormal:2000000000,1",
                "1,,2"
            })
    void othersAreRefused(String text) {
        UsageException e = assertThrows(UsageException.class, () -> LengthDistribution.parse(text, "--prompt"));
        assertEquals(
                "--prompt is '%s'; expected lengths of at least 1, as N, uniform:MIN-MAX, ".formatted(text)
                        + "lognormal:MEDIAN,SIGMA[,MAX] or a list of lengths and weights such as 32*7,512*3",
                e.getMessage());
    }
}
