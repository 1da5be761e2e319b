package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizeCommandTest {

    private static final Path TOKENIZER = Cli.DEMO_TOKENIZER;

    @TempDir
    Path folder;

    @Test
    void textFromArgumentsIsOneLineOfIds() {
        String ids =
                Cli.run("tokenize", "--tokenizer", TOKENIZER, "Hello", "fox").result();
        assertEquals(Cli.run("tokenize", "--tokenizer", TOKENIZER, "Hello fox").result(), ids);
        assertTrue(ids.matches("\\d+( \\d+)*\\R"), ids);
        assertEquals(
                "Hello fox\n",
                Cli.run("tokenize", "--tokenizer", TOKENIZER, "--decode", ids).result());
    }

    @Test
    void standardInputIsTakenExactlyAndComesBackExactly() {
        String text = "  Zwei Füchse,\r\n\tdrei 日本語 🦊 <|im_end|>\n\n";
        String ids = Cli.withInput(text, "tokenize", "--tokenizer", TOKENIZER).result();
        assertEquals(
                text,
                Cli.withInput(ids, "tokenize", "--tokenizer", TOKENIZER, "--decode")
                        .result());
    }

    @Test
    void aModelsOwnTokenizerIsTheSame() {
        String text = "The fox's 12 kites <|im_start|>";
        assertEquals(
                Cli.run("tokenize", "--tokenizer", TOKENIZER, text).result(),
                Cli.run("tokenize", "-m", Cli.DEMO, text).result());
    }

    @Test
    void addedTokensAreTextUnlessAskedFor() {
        assertEquals(
                "[2037]",
                Cli.run("tokenize", "--tokenizer", TOKENIZER, "--json", "--parse-special", "<|im_end|>")
                        .result()
                        .strip());
        JsonNode spelled = Cli.run("tokenize", "--tokenizer", TOKENIZER, "--json", "<|im_end|>")
                .json();
        assertTrue(spelled.size() > 1);
    }

    @Test
    void jsonArraysAreTranslatedBothWays() {
        String texts = "[\"one fox\",\"\",\"two\\nfoxes \\ud83e\\udd8a\"]";
        JsonNode ids = Cli.withInput(texts, "tokenize", "--tokenizer", TOKENIZER, "--json")
                .json();
        assertEquals(3, ids.size());
        assertEquals(0, ids.get(1).size());
        assertEquals(
                ids.get(0),
                Cli.run("tokenize", "--tokenizer", TOKENIZER, "--json", "one fox")
                        .json());

        JsonNode back = Cli.withInput(ids.toString(), "tokenize", "--tokenizer", TOKENIZER, "--json", "--decode")
                .json();
        assertEquals(JsonMapper.shared().readTree(texts), back);
    }

    @Test
    void idsMayBeWrittenInAnyUsualWay() {
        assertEquals(
                "\"Once upon\"\n",
                Cli.run("tokenize", "-m", Cli.DEMO, "--decode", "--json", "[685,", "684]")
                        .result());
        assertEquals(
                "Once upon",
                Cli.withInput("685\n684\n", "tokenize", "-m", Cli.DEMO, "--decode")
                        .result());
    }

    @Test
    void aTokenizerMayBeCompressed() throws IOException {
        Path file = folder.resolve("tokenizer.json.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
            Files.copy(TOKENIZER, out);
        }
        assertEquals(
                Cli.run("tokenize", "--tokenizer", TOKENIZER, "fox").result(),
                Cli.run("tokenize", "--tokenizer", file, "fox").result());
    }

    @Test
    void nothingIsNoTokens() {
        assertEquals("\n", Cli.run("tokenize", "--tokenizer", TOKENIZER).result());
        assertEquals(
                "[]\n",
                Cli.run("tokenize", "--tokenizer", TOKENIZER, "--json", "").result());
    }

    @Test
    void withoutAModelTheDemoModelIsUsed() {
        assertEquals(
                Cli.run("tokenize", "-m", Cli.DEMO, "a fox").result(),
                Cli.run("tokenize", "a fox").result());
        assertEquals(
                "hi\n",
                Cli.run(
                                "tokenize",
                                "--decode",
                                Cli.run("tokenize", "hi").result().strip())
                        .result());
    }

    @Test
    void aHyphenIsStandardInput() {
        assertEquals(
                Cli.run("tokenize", "a fox").result(),
                Cli.withInput("a fox", "tokenize", "-").result());
        assertEquals(
                "a fox",
                Cli.withInput(Cli.run("tokenize", "a fox").result(), "tokenize", "--decode", "-")
                        .result());
    }

    @Test
    void nonsenseIsASentence() {
        assertEquals(
                "kawi tokenize: standard input is not UTF-8 text: byte 3 is 0xff",
                Cli.withInput(new byte[] {'f', 'o', 'x', (byte) 0xff, 'a'}, "tokenize", "--tokenizer", TOKENIZER)
                        .complaint(1));
        assertEquals(
                "kawi tokenize: standard input: expected an array of strings, found 3",
                Cli.withInput("[\"a\", 3]", "tokenize", "--tokenizer", TOKENIZER, "--json")
                        .complaint(1));
        assertEquals(
                "kawi tokenize: standard input: expected an array of arrays of ids, found 3",
                Cli.withInput("[3]", "tokenize", "--tokenizer", TOKENIZER, "--json", "--decode")
                        .complaint(1));
        assertTrue(Cli.withInput("{", "tokenize", "--tokenizer", TOKENIZER, "--json")
                .complaint(1)
                .startsWith("kawi tokenize: standard input is not JSON: line 1"));
        assertEquals(
                "kawi tokenize: \"fox\" is not a token id",
                Cli.run("tokenize", "--tokenizer", TOKENIZER, "--decode", "fox").complaint(2));
        assertEquals(
                "kawi tokenize: \"fox\" is not a token id",
                Cli.withInput("fox", "tokenize", "--tokenizer", TOKENIZER, "--decode")
                        .complaint(1));
        assertTrue(Cli.run("tokenize", "--tokenizer", TOKENIZER, "--decode", "99999999")
                .complaint(1)
                .contains("99999999"));
        assertEquals(
                2,
                Cli.run("tokenize", "-m", Cli.DEMO, "--tokenizer", TOKENIZER, "fox")
                        .code());
        assertTrue(Cli.run("tokenize", "-m", Cli.fixture("text-vgtk-tied/f32"), "fox")
                .complaint(1)
                .contains("has no tokenizer; specify one with --tokenizer"));
        assertTrue(Cli.run("tokenize", "--tokenizer", "no/such.json", "fox")
                .complaint(1)
                .contains("no/such.json does not exist; a tokenizer.json was expected there"));
    }

    @Test
    void damagedTokenizersAreASentence() throws IOException {
        byte[] half = Files.readAllBytes(TOKENIZER);
        Path file = Files.write(folder.resolve("half.json"), java.util.Arrays.copyOf(half, half.length / 2));
        String complaint = Cli.run("tokenize", "--tokenizer", file, "fox").complaint(1);
        assertTrue(complaint.contains("half.json"), complaint);
        Path gzip = Files.write(folder.resolve("half.json.gz"), "no gzip".getBytes(StandardCharsets.UTF_8));
        assertEquals(1, Cli.run("tokenize", "--tokenizer", gzip, "fox").code());
    }
}
