package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import kawi.checkpoint.Checkpoint;
import kawi.dialect.QwenDialect;
import kawi.tokenizer.GgufStrings;
import kawi.tokenizer.Tokenizer;
import org.junit.jupiter.api.Assumptions;

/** A tokenizer with its tree of tokens: a small one made here, the demo model's, and Qwen3.5's where it is at hand. */
record TestVocabulary(Tokenizer tokenizer, TokenTrie trie) {

    private static final List<String> MERGES = List.of(
            "{ \"", "\" :", "\": Ġ", "\" ,", "\", Ġ", "\" }", "] }", "} }", "[ [", "[ {", "t r", "u e", "tr ue", "a b",
            "ab ab", "n a", "na m", "nam e", "name \"", "1 2", "12 3", "\\ u", "\\ n", "ĠĠ Ġ", "Ġ Ġ", "Ċ <", "Ċ< /",
            "> Ċ", "Ã ©", "ð Ł");

    /** The syntax of calls of Qwen3.5. */
    static final CallSyntax QWEN = new QwenDialect().calls().orElseThrow();

    /** The 256 bytes, ids as their values, some merges, three added tokens and one that ends the answer. */
    static final TestVocabulary SMALL = small();

    private static TestVocabulary small() {
        List<String> tokens = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            tokens.add(letter(b));
        }
        List<String> merges = new ArrayList<>();
        for (String merge : MERGES) {
            String[] parts = merge.split(" ", -1);
            if (tokens.contains(parts[0]) && tokens.contains(parts[1])) {
                merges.add(merge);
                tokens.add(parts[0] + parts[1]);
            }
        }
        int ordinary = tokens.size();
        tokens.addAll(List.of("<tool_call>", "</tool_call>", "<think>", "<|im_end|>"));
        int[] types = new int[tokens.size()];
        for (int id = 0; id < types.length; id++) {
            types[id] = id < ordinary ? 1 : id == types.length - 1 ? 3 : 4;
        }
        return of(Tokenizer.fromGguf("small", "gpt2", "qwen35", GgufStrings.of(tokens), types, GgufStrings.of(merges)));
    }

    /** The spelling of a byte in vocabularies of byte-level BPE. */
    static String letter(int b) {
        boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
        int before = b <= ' ' ? b : b <= 0xA0 ? b - 0x7F + 33 : 67;
        return Character.toString(printable ? b : 256 + before);
    }

    static TestVocabulary demo() {
        try (InputStream gguf =
                        Objects.requireNonNull(TestVocabulary.class.getResourceAsStream("/kawi/demo/demo-q8_0.gguf"));
                Arena arena = Arena.ofConfined();
                Checkpoint checkpoint = Checkpoint.of(gguf.readAllBytes(), "demo-q8_0.gguf", arena)) {
            return of(Objects.requireNonNull(checkpoint.tokenizer()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Qwen3.5's; the test is skipped where it is not at hand. */
    static TestVocabulary qwen() throws IOException {
        Path file =
                Path.of(System.getProperty("kawi.shared", "../../shared"), "tokenizers", "qwen35-tokenizer.json.gz");
        Assumptions.assumeTrue(Files.exists(file), "Qwen3.5 tokenizer data is not here: " + file);
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return of(Tokenizer.fromJson(in.readAllBytes(), null, "qwen35-tokenizer.json"));
        }
    }

    static TestVocabulary of(Tokenizer tokenizer) {
        return new TestVocabulary(tokenizer, new TokenTrie(tokenizer));
    }

    /** Whether {@code text}, byte by byte, is an answer. */
    static boolean accepts(Grammar grammar, String text) {
        return accepts(grammar, text.getBytes(StandardCharsets.UTF_8));
    }

    static boolean accepts(Grammar grammar, byte[] text) {
        var answer = new Constrained(grammar, SMALL.trie);
        for (byte b : text) {
            if (!answer.allows(b & 0xFF)) {
                return false;
            }
            answer.accept(b & 0xFF);
        }
        return answer.mayEnd();
    }

    /** Checks what the grammar of a schema accepts and refuses. */
    static void check(String schema, List<String> accepted, List<String> refused) {
        Grammar grammar = Grammar.jsonSchema(schema);
        for (String text : accepted) {
            assertTrue(accepts(grammar, text), () -> schema + " should accept " + text);
        }
        for (String text : refused) {
            assertFalse(accepts(grammar, text), () -> schema + " should refuse " + text);
        }
    }
}
