package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    void forcedAcceptanceIsWhatItSays() {
        JsonNode bench = Cli.run(
                        "bench",
                        "-p",
                        "8",
                        "-n",
                        "24",
                        "-r",
                        "2",
                        "--accept",
                        "0,0.6,1",
                        "--speculation",
                        "4",
                        "--json")
                .json();
        JsonNode measured = bench.get("speculation");
        assertTrue(measured.get("forced").booleanValue());
        assertEquals(4, measured.get("guesses_per_pass").intValue());
        assertTrue(measured.get("tokens_per_second_without_guesses").doubleValue() > 0);
        JsonNode none = measured.get("results").get(0);
        assertEquals(0, none.get("accepted_tokens").intValue());
        assertEquals(24, none.get("steps").intValue());
        JsonNode some = measured.get("results").get(1);
        assertTrue(some.get("accepted_tokens").intValue()
                < some.get("guessed_tokens").intValue());
        JsonNode all = measured.get("results").get(2);
        assertEquals(
                all.get("guessed_tokens").intValue(), all.get("accepted_tokens").intValue());
        assertEquals(
                24, all.get("accepted_tokens").intValue() + all.get("steps").intValue());
        assertTrue(all.get("tokens_per_second").doubleValue() > 0);
    }

    @Test
    void anAcceptanceIsAProbability() {
        for (String wrong : new String[] {"1.5", "-0.1", "NaN"}) {
            assertEquals(
                    "kawi bench: --accept takes probabilities between 0 and 1, not " + wrong,
                    Cli.run("bench", "--accept", "0.5," + wrong).complaint(2));
        }
        for (String wrong : new String[] {"half", "", ",", "0.5,", "0.5,,1"}) {
            String word = wrong.equals("half") ? "half" : "";
            assertEquals(
                    "kawi bench: --accept takes probabilities, with commas between them; '%s' is not a number"
                            .formatted(word),
                    Cli.run("bench", "--accept", wrong).complaint(2));
        }
    }

    @Test
    void aForcedAnswerIsGuessedFromItsPrompt(@TempDir Path folder) throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "the quick brown fox, the lazy dog and the small cat");
        Path answer = Files.writeString(folder.resolve("answer"), "the quick red fox, the lazy dog and the small cat");
        String out = Cli.run(
                        "bench",
                        "-p",
                        "8",
                        "-n",
                        "2",
                        "-r",
                        "1",
                        "--text",
                        text.toString(),
                        "--answer",
                        answer.toString())
                .result();
        assertTrue(out.contains("forced answer of "), out);
        JsonNode measured = Cli.run(
                        "bench",
                        "-p",
                        "8",
                        "-n",
                        "2",
                        "-r",
                        "1",
                        "--speculation",
                        "4",
                        "--text",
                        text.toString(),
                        "--answer",
                        answer.toString(),
                        "--json")
                .json()
                .get("forced_answer");
        assertTrue(measured.get("forced").booleanValue());
        int accepted = measured.get("accepted_tokens").intValue();
        assertTrue(accepted > 0 && accepted <= measured.get("guessed_tokens").intValue(), measured.toString());
        assertEquals(
                measured.get("answer_tokens").intValue() - 1,
                accepted + measured.get("steps").intValue());
        assertTrue(measured.get("ratio").doubleValue() > 0);
    }

    @Test
    void aForcedAnswerNeedsAPrompt(@TempDir Path folder) throws IOException {
        Path one = Files.writeString(folder.resolve("one"), "o");
        Path empty = Files.writeString(folder.resolve("empty"), "");
        Path code = Files.writeString(folder.resolve("long"), "a long text ".repeat(1000));
        assertEquals(
                "kawi bench: --text and --answer must be given together",
                Cli.run("bench", "--text", one.toString()).complaint(2));
        assertEquals(
                "kawi bench: --text and --answer must be given together",
                Cli.run("bench", "--answer", one.toString()).complaint(2));
        assertEquals(
                "kawi bench: %s has 0 tokens; a forced answer must have 2 at least".formatted(empty),
                forced(one, empty));
        assertTrue(forced(one, code).endsWith(" exceed the context length of 1024"), forced(one, code));
        assertTrue(forced(empty, code).contains(" has no tokens; "), forced(empty, code));
    }

    private static String forced(Path text, Path answer) {
        return Cli.run(
                        "bench",
                        "-p",
                        "4",
                        "-n",
                        "2",
                        "-r",
                        "1",
                        "--text",
                        text.toString(),
                        "--answer",
                        answer.toString())
                .complaint(1);
    }

    @Test
    void forcedAcceptanceIsATableForPeople() {
        String out = Cli.run("bench", "-p", "8", "-n", "6", "-r", "1", "--accept", "0.5")
                .result();
        assertTrue(out.contains("forced acceptance, 3 guesses per pass"), out);
        assertTrue(out.contains("acceptance 0.50"), out);
    }

    @Test
    void theProfileAddsUp() {
        JsonNode bench = Cli.run("bench", "-p", "40", "-n", "6", "-r", "1", "-t", "2", "--profile", "--json")
                .json();
        JsonNode profile = bench.get("profile");
        assertTrue(profile.get("read_bandwidth").doubleValue() > 0);
        for (String phase : new String[] {"prefill", "decode"}) {
            JsonNode breakdown = profile.get(phase);
            double seconds = 0;
            double shares = 0;
            long bytes = 0;
            List<String> names = new ArrayList<>();
            for (JsonNode operation : breakdown.get("operations")) {
                names.add(operation.get("name").asString());
                seconds += operation.get("seconds").doubleValue();
                shares += operation.get("share").doubleValue();
                bytes += operation.get("bytes").longValue();
                assertTrue(operation.get("seconds").doubleValue() >= 0, operation.toString());
                assertTrue(operation.get("waiting_seconds").doubleValue() >= 0, operation.toString());
            }
            assertTrue(
                    names.containsAll(List.of("projections", "mlp", "head", "attention", "delta rule", "norms")),
                    names.toString());
            assertEquals(List.of("waiting", "other"), names.subList(names.size() - 2, names.size()));
            assertEquals(breakdown.get("seconds").doubleValue(), seconds, 1e-6);
            assertEquals(1, shares, 1e-9);
            assertTrue(bytes >= breakdown.get("read_bytes").longValue(), breakdown.toString());
            assertEquals(
                    breakdown.get("read_bytes_per_second").doubleValue()
                            / profile.get("read_bandwidth").doubleValue(),
                    breakdown.get("read_bandwidth_share").doubleValue(),
                    1e-9);
        }
        assertEquals(40, profile.get("prefill").get("tokens").intValue());
        assertEquals(6, profile.get("decode").get("tokens").intValue());
    }

    @Test
    void theProfileIsATableForPeople() {
        String out =
                Cli.run("bench", "-p", "8", "-n", "2", "-r", "2", "--profile").result();
        assertTrue(out.contains("prefill of 8 tokens, "), out);
        assertTrue(out.contains("decode of 2 tokens, "), out);
        assertTrue(out.contains("100.0 %"), out);
        assertTrue(out.contains("% of the read bandwidth of "), out);
        long width = out.lines()
                .filter(line -> line.contains("GB/s") && line.startsWith("  "))
                .mapToInt(String::length)
                .distinct()
                .count();
        assertEquals(1, width, out);
        assertTrue(out.lines().allMatch(line -> line.equals(line.stripTrailing())), out);
    }

    @Test
    void withoutProfileThereIsNone() {
        assertNull(Cli.run("bench", "-p", "8", "-n", "2", "-r", "1", "--json")
                .json()
                .get("profile"));
    }

    @Test
    void moreThanTheContextIsASentence() {
        assertEquals(
                "kawi bench: 1000 prompt tokens and 25 generated tokens exceed the context length of 1024",
                Cli.run("bench", "-p", "1000", "-n", "25").complaint(1));
        assertEquals(
                "kawi bench: 10 prompt tokens and 25 generated tokens after 1000 others exceed the context length of 1024",
                Cli.run("bench", "-p", "10", "-n", "25", "--depth", "1000").complaint(1));
        // The answers of these options have one more token.
        for (String option : new String[] {"--profile", "--accept=0.5", "--parallel=2"}) {
            assertEquals(
                    "kawi bench: 1000 prompt tokens and 25 generated tokens exceed the context length of 1024",
                    Cli.run("bench", "-p", "1000", "-n", "24", option).complaint(1));
        }
        assertEquals(
                "kawi bench: -p, -n and -r must be positive, and --depth and --parallel must not be negative",
                Cli.run("bench", "-p", "0").complaint(2));
    }
}
