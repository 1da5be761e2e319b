package kawi.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tokenizers of the tests: the demo model's (always available), Qwen3.5's (in the shared folder) and small ones for
 * specific cases.
 */
final class TestTokenizers {

    static final ObjectMapper JSON = new JsonMapper();
    static final Tokenizer DEMO = Tokenizer.fromJson(resource("demo-tokenizer.json"), null, "demo-tokenizer.json");

    private TestTokenizers() {}

    static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(TestTokenizers.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a file of the shared tokenizer folder, or skips the test if there is no such file. */
    static byte[] shared(String name) throws IOException {
        Path file = Path.of(System.getProperty("kawi.shared", "../../shared"), "tokenizers", name);
        Assumptions.assumeTrue(Files.exists(file), "no Qwen3.5 tokenizer data: " + file);
        try (InputStream in = Files.newInputStream(file)) {
            return name.endsWith(".gz") ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
        }
    }

    /** The metadata arrays of a GGUF file that are equivalent to a {@code tokenizer.json}. */
    record GgufArrays(String pre, List<String> tokens, List<Integer> types, List<String> merges) {

        /** The result of converting {@code json}, with {@code padding} unused tokens at the end. */
        static GgufArrays of(JsonNode json, int padding) {
            var vocab = json.at("/model/vocab");
            var added = json.get("added_tokens");
            int size = 0;
            for (var id : vocab) {
                size = Math.max(size, id.intValue() + 1);
            }
            for (var token : added) {
                size = Math.max(size, token.get("id").intValue() + 1);
            }
            var tokens = new String[size + padding];
            var types = new Integer[size + padding];
            Arrays.setAll(tokens, id -> "[PAD" + id + "]");
            Arrays.fill(types, 5);
            vocab.properties().forEach(e -> {
                tokens[e.getValue().intValue()] = e.getKey();
                types[e.getValue().intValue()] = 1;
            });
            for (var token : added) {
                tokens[token.get("id").intValue()] = token.get("content").stringValue();
                types[token.get("id").intValue()] = token.get("special").booleanValue() ? 3 : 4;
            }
            var merges = new ArrayList<String>();
            for (var merge : json.at("/model/merges")) {
                merges.add(
                        merge.isArray()
                                ? merge.get(0).stringValue() + " "
                                        + merge.get(1).stringValue()
                                : merge.stringValue());
            }
            return new GgufArrays("qwen35", List.of(tokens), List.of(types), merges);
        }

        Tokenizer tokenizer() {
            return Tokenizer.fromGguf(
                    "test.gguf",
                    "gpt2",
                    pre,
                    GgufStrings.of(tokens),
                    types.stream().mapToInt(t -> t).toArray(),
                    GgufStrings.of(merges));
        }
    }

    /**
     * The 256 bytes, followed by the results of {@code merges}, followed by {@code added} tokens that are not special.
     */
    static GgufArrays small(String pre, List<String> merges, List<String> added) {
        var tokens = new ArrayList<String>();
        for (int b = 0; b < 256; b++) {
            tokens.add(String.valueOf(ByteAlphabet.encode(b)));
        }
        merges.forEach(merge -> tokens.add(merge.replace(" ", "")));
        int ordinary = tokens.size();
        tokens.addAll(added);
        var types = new ArrayList<>(Collections.nCopies(ordinary, 1));
        types.addAll(Collections.nCopies(added.size(), 4));
        return new GgufArrays(pre, tokens, types, merges);
    }

    static int[] ints(JsonNode array) {
        var ints = new int[array.size()];
        Arrays.setAll(ints, i -> array.get(i).intValue());
        return ints;
    }
}
