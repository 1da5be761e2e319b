package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BenchCommandTest {

    @Test
    void reportsEveryFigure() {
        JsonNode bench = Cli.run(
                        "bench",
                        "-p",
                        "16",
                        "-n",
                        "4",
                        "-r",
                        "3",
                        "-d",
                        "20",
                        "-t",
                        "2",
                        "--kernels",
                        "scalar",
                        "--parallel",
                        "20",
                        "--json")
                .json();
        for (String rate : new String[] {"prefill", "decode"}) {
            double median = bench.get(rate + "_tokens_per_second").doubleValue();
            assertTrue(bench.get(rate + "_min").doubleValue() > 0);
            assertTrue(bench.get(rate + "_min").doubleValue() <= median);
            assertTrue(median <= bench.get(rate + "_max").doubleValue());
        }
        assertEquals(20, bench.get("parallel").intValue());
        double together = bench.get("parallel_tokens_per_second").doubleValue();
        assertTrue(bench.get("parallel_min").doubleValue() <= together);
        assertTrue(together <= bench.get("parallel_max").doubleValue());
        assertEquals(
                together / bench.get("single_tokens_per_second").doubleValue(),
                bench.get("parallel_ratio").doubleValue(),
                1e-9);
        assertTrue(bench.get("load_seconds").doubleValue() > 0);
        assertTrue(bench.get("first_token_seconds").doubleValue()
                > bench.get("load_seconds").doubleValue());
        assertTrue(bench.get("decode_garbage_bytes_per_token").doubleValue() >= 0);
        assertEquals(20, bench.get("depth").intValue());
        JsonNode memory = bench.get("peak_rss_bytes");
        boolean linux = System.getProperty("os.name").equals("Linux");
        assertTrue(linux ? memory.longValue() > 10_000_000 : memory.isNull(), memory.toString());
        assertEquals("scalar", bench.get("kernels").asString());
        assertEquals(2, bench.get("threads").intValue());
    }

    @Test
    void saysTheSameToPeople() {
        String out = Cli.run("bench", "-p", "8", "-n", "2", "-r", "1", "--parallel", "3")
                .result();
        assertTrue(out.contains("prefill    8"), out);
        assertTrue(out.contains("decode     2"), out);
        assertTrue(out.contains("1 answer   2"), out);
        assertTrue(out.contains("3 answers   2"), out);
        assertTrue(out.contains("ratio "), out);
        assertTrue(out.contains("tokens/s   (median of 1;"), out);
        assertTrue(out.contains("peak memory"), out);
    }

    @Test
    void moreThanTheContextIsASentence() {
        assertEquals(
                "kawi bench: 1000 prompt tokens and 25 generated tokens exceed the context length of 1024",
                Cli.run("bench", "-p", "1000", "-n", "25").complaint(1));
        assertEquals(
                "kawi bench: 10 prompt tokens and 25 generated tokens after 1000 others exceed the context length of 1024",
                Cli.run("bench", "-p", "10", "-n", "25", "--depth", "1000").complaint(1));
        assertEquals(
                "kawi bench: -p, -n and -r must be positive, and --depth and --parallel must not be negative",
                Cli.run("bench", "-p", "0").complaint(2));
    }
}
