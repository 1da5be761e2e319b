package kawi.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import kawi.checkpoint.Checkpoint;
import kawi.json.JsonValue;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Text to token ids and back, without loading weights. */
@Command(
        name = "tokenize",
        description = "Turns text into token ids, or ids into text.",
        footer = {
            "",
            "Ids are printed on one line. Text that was decoded from arguments ends with a line break; what was "
                    + "decoded from standard input is exactly the text. With --json:",
            "  TEXT given             one array of ids         (--decode: ids given, one string)",
            "  standard input         an array of strings gives an array of arrays of ids (--decode: the reverse)",
            "",
            "Examples:",
            "  kawi tokenize -m Qwen3.5-0.8B-Q4_K_M.gguf \"Hello, world\"",
            "  kawi tokenize --tokenizer tokenizer.json --parse-special < conversation.txt",
            "  kawi tokenize -m Qwen3.5-0.8B-Q4_K_M.gguf --decode 9419 11 1814",
            "  echo '[\"one\", \"two\"]' | kawi tokenize --tokenizer tokenizer.json --json"
        })
final class TokenizeCommand implements Callable<Integer> {

    private static final String STANDARD_INPUT = "standard input";

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(names = "--json", description = "JSON instead of plain text.")
    private boolean json;

    @Option(
            names = "--parse-special",
            description = "Recognise added tokens such as <|im_start|>, which are ordinary text otherwise.")
    private boolean parseSpecial;

    @Option(names = "--decode", description = "From ids to text.")
    private boolean decode;

    @Parameters(
            paramLabel = "TEXT",
            description = "Text, joined by blanks, or ids for --decode. Default: all of standard input, exactly.")
    private List<String> words = List.of();

    private final Terminal terminal;

    TokenizeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Where the tokenizer is. */
    static final class Source {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                description = "A GGUF file, a Hugging Face folder, or a model on a hub, whose tokenizer to use.")
        private @Nullable String model;

        @Option(names = "--tokenizer", paramLabel = "FILE", description = "A tokenizer.json or tokenizer.json.gz.")
        private @Nullable Path tokenizer;

        Tokenizer read(Terminal terminal) throws IOException {
            if (tokenizer != null) {
                return readJson(tokenizer);
            }
            if (model == null) {
                throw new UsageException("a model or a tokenizer is missing");
            }
            try (Checkpoint checkpoint = Checkpoint.open(ModelPath.of(model, terminal))) {
                Tokenizer found = checkpoint.tokenizer();
                if (found == null) {
                    throw new IllegalStateException(
                            "%s has no tokenizer; --tokenizer names one".formatted(checkpoint.name()));
                }
                return found;
            }
        }

        private static Tokenizer readJson(Path file) throws IOException {
            if (!file.toString().endsWith(".gz")) {
                return Tokenizer.fromJson(file);
            }
            try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                return Tokenizer.fromJson(in.readAllBytes(), null, file.toString());
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        Tokenizer tokenizer = source.read(terminal);
        if (json && words.isEmpty()) {
            translateArray(tokenizer);
        } else if (decode) {
            decode(tokenizer);
        } else {
            int[] ids = encode(tokenizer, words.isEmpty() ? terminal.readText() : String.join(" ", words));
            if (json) {
                Json.print(terminal.out(), ids);
            } else {
                terminal.out()
                        .println(Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
            }
        }
        return Kawi.DONE;
    }

    private int[] encode(Tokenizer tokenizer, String text) {
        return parseSpecial ? tokenizer.encodeWithSpecials(text) : tokenizer.encode(text);
    }

    private void decode(Tokenizer tokenizer) throws IOException {
        if (words.isEmpty()) {
            terminal.out().print(tokenizer.decode(TokenIds.parse(terminal.readText())));
            return;
        }
        String text = tokenizer.decode(TokenIds.parse(String.join(" ", words)));
        if (json) {
            Json.print(terminal.out(), text);
        } else {
            terminal.out().println(text);
        }
    }

    private void translateArray(Tokenizer tokenizer) throws IOException {
        String expected = decode ? "an array of arrays of ids" : "an array of strings";
        JsonValue array = Json.read(terminal.readText(), STANDARD_INPUT);
        if (!array.isArray()) {
            throw wrong(expected, array);
        }
        List<Object> results = new ArrayList<>(array.size());
        for (JsonValue element : array.values()) {
            if (decode ? !element.isArray() : !element.isString()) {
                throw wrong(expected, element);
            }
            results.add(
                    decode
                            ? tokenizer.decode(TokenIds.of(element, STANDARD_INPUT))
                            : encode(tokenizer, element.stringValue()));
        }
        Json.print(terminal.out(), results);
    }

    private static IllegalArgumentException wrong(String expected, JsonValue found) {
        return new IllegalArgumentException(
                "%s: expected %s, found %s".formatted(STANDARD_INPUT, expected, Texts.shortened(found.toString())));
    }
}
