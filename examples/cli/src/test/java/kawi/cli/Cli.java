package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command in this process: arguments and standard input in, what it printed out. */
final class Cli {

    static final Path DEMO = Path.of("../demo-model/src/main/resources/kawi/demo/demo-q8_0.gguf");
    static final Path DEMO_TOKENIZER = Path.of("../../tokenizer/src/test/resources/kawi/tokenizer/demo-tokenizer.json");

    private Cli() {}

    /** What a run came to. */
    record Outcome(int code, String out, String err) {

        /** The output of a run that succeeded. */
        String result() {
            assertEquals(0, code, err);
            return out;
        }

        JsonNode json() {
            return tree(result());
        }

        /** The one line that a run which failed with {@code code} printed; hints in further lines are left out. */
        String complaint(int expectedCode) {
            assertEquals(expectedCode, code, err);
            assertEquals("", out);
            return err.lines().findFirst().orElse("");
        }
    }

    static JsonNode tree(String json) {
        return JsonMapper.shared().readTree(json);
    }

    static Outcome run(Object... args) {
        return withInput("", args);
    }

    static Outcome withInput(String input, Object... args) {
        return withInput(input.getBytes(StandardCharsets.UTF_8), args);
    }

    static Outcome withInput(byte[] input, Object... args) {
        return run(input, false, System.getenv(), args);
    }

    /** A run with other environment variables, as if a person looked on. */
    static Outcome watched(Map<String, String> environment, Object... args) {
        return run(new byte[0], true, environment, args);
    }

    static Outcome withEnvironment(Map<String, String> environment, Object... args) {
        return run(new byte[0], false, environment, args);
    }

    private static Outcome run(byte[] input, boolean interactive, Map<String, String> environment, Object... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var terminal = new Terminal(new ByteArrayInputStream(input), out, err, interactive, environment);
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int code = Kawi.execute(terminal, words);
        return new Outcome(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** A reference checkpoint of the core module's tests. */
    static Path fixture(String path) {
        return Path.of("../../core/src/test/resources/fixtures").resolve(path);
    }
}
