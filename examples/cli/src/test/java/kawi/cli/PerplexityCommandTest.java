package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class PerplexityCommandTest {

    private static final String STORY =
            "Once upon a time, there was a kind fox named Milo. He lived in a quiet forest. He had a red kite and took "
                    + "it everywhere. One cool afternoon, Milo could not find the kite.<|im_end|>";

    @TempDir
    private Path folder;

    private Path text() throws IOException {
        return Files.writeString(folder.resolve("story.txt"), STORY);
    }

    @Test
    void printsThePerplexityWithItsError() throws IOException {
        Path text = text();
        JsonNode json = Cli.run("perplexity", Cli.DEMO, "--text", text, "--ctx", 16, "--json")
                .json();
        assertEquals("demo-q8_0.gguf", json.get("model").stringValue());
        assertEquals(16, json.get("context").intValue());
        assertEquals(
                7 * json.get("chunks").intValue(), json.get("scored_tokens").intValue());
        double perplexity = json.get("perplexity").doubleValue();
        assertEquals(Math.exp(json.get("nll").doubleValue()), perplexity, 1e-9);
        assertEquals(
                json.get("nats").doubleValue()
                        / Math.log(2)
                        / json.get("scored_bytes").intValue(),
                json.get("bits_per_byte").doubleValue(),
                1e-12);

        String printed =
                Cli.run("perplexity", "--text", text, "-c", 16, "--chunks", 100).result();
        assertTrue(
                printed.startsWith("demo-q8_0.gguf: perplexity %.4f +/- %.5f%n"
                        .formatted(perplexity, json.get("perplexity_error").doubleValue())),
                printed);
        assertEquals(
                printed.lines().toList().getFirst(),
                Cli.withInput(STORY, "perplexity", "-m", Cli.DEMO, "--text", "-", "--ctx", 16)
                        .result()
                        .lines()
                        .toList()
                        .getFirst());
    }

    @Test
    void chunksLimitTheText() throws IOException {
        JsonNode json = Cli.run("perplexity", "--text", text(), "--ctx", 8, "--chunks", 2, "--json")
                .json();
        assertEquals(2, json.get("chunks").intValue());
        assertEquals(6, json.get("scored_tokens").intValue());
    }

    @Test
    void specialTokensAreRecognizedOnRequest() throws IOException {
        Path text = Files.writeString(folder.resolve("ends.txt"), "<|im_end|>".repeat(8));
        JsonNode json = Cli.run("perplexity", "--text", text, "--ctx", 8, "--parse-special", "--json")
                .json();
        assertEquals(1, json.get("chunks").intValue());
        assertTrue(Cli.run("perplexity", "--text", text, "--ctx", 8, "--json")
                        .json()
                        .get("chunks")
                        .intValue()
                > 1);
    }

    @Test
    void aBaseIsWrittenAndCompared() throws IOException {
        Path base = folder.resolve("story.base");
        Path text = text();
        JsonNode written = Cli.run(
                        "perplexity", Cli.DEMO, "--text", text, "--ctx", 16, "--kl-divergence-base", base, "--json")
                .json();
        assertEquals(base.toString(), written.get("base").stringValue());

        JsonNode compared = Cli.run("perplexity", Cli.DEMO, "--kl-divergence", "--kl-divergence-base", base, "--json")
                .json();
        assertEquals(
                written.get("perplexity").doubleValue(),
                compared.get("perplexity").doubleValue());
        assertEquals(1, compared.get("same_top").doubleValue());
        assertEquals(0, compared.get("kld_mean").doubleValue(), 1e-4);
        assertTrue(
                compared.get("kld_max").doubleValue() >= compared.get("kld_p99").doubleValue());
        assertTrue(compared.get("kld_p99").doubleValue()
                >= compared.get("kld_median").doubleValue());

        String table = Cli.run("perplexity", Cli.DEMO, "--kl-divergence", "--kl-divergence-base", base)
                .result();
        assertTrue(
                table.contains("perplexity of the model %.6f +/-"
                        .formatted(compared.get("perplexity").doubleValue())),
                table);
        assertTrue(table.contains("same top token          100.000 +/- 0.000 %"), table);

        assertEquals(
                "kawi perplexity: %s already exists; --force overwrites it".formatted(base),
                Cli.run("perplexity", Cli.DEMO, "--text", text, "--ctx", 16, "--kl-divergence-base", base)
                        .complaint(1));
    }

    @Test
    void mistakesAreSentences() throws IOException {
        Path text = text();
        assertTrue(Cli.run("perplexity", "--text", text)
                .complaint(1)
                .matches("kawi perplexity: the text has \\d+ tokens, fewer than one chunk of 512; .*"));
        assertEquals(
                "kawi perplexity: a text is required; --text names its file",
                Cli.run("perplexity", Cli.DEMO).complaint(2));
        assertEquals(
                "kawi perplexity: --chunks is 0; it must be at least 1",
                Cli.run("perplexity", "--text", text, "--chunks", 0).complaint(2));
        assertTrue(Cli.run("perplexity", "--text", "no/such.txt").complaint(1).contains("there is no such file"));
        assertTrue(Cli.run("perplexity", "--kl-divergence").complaint(2).contains("--kl-divergence-base"));
        assertTrue(Cli.run("perplexity", "-m", Cli.DEMO, Cli.DEMO, "--text", text)
                .complaint(2)
                .contains("there are two models"));
        Path noBase = Files.writeString(folder.resolve("no.base"), "not a base file, but long enough");
        Cli.Outcome damaged = Cli.run("perplexity", Cli.DEMO, "--kl-divergence", "--kl-divergence-base", noBase);
        assertTrue(damaged.complaint(1).contains("is not a KL-divergence base file"), damaged.err());
        assertFalse(damaged.err().contains("\tat "));
    }
}
