package kawi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import kawi.Model;
import kawi.ModelFile;
import kawi.Tokenizer;
import kawi.demo.DemoModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Converts text to token ids and back, without loading the weights. */
@Command(
        name = "tokenize",
        description = "Converts text to token ids, or ids to text.",
        footer = {
            "",
            "Ids are printed on one line. Text decoded from arguments is followed by a line break; text decoded from "
                    + "standard input is printed as is. With --json:",
            "  TEXT                   an array of ids          (--decode: ids to a string)",
            "  standard input         an array of strings to an array of arrays of ids (--decode: the reverse)",
            "",
            "Examples:",
            "  kawi tokenize -m Qwen3.5-0.8B-Q4_K_M.gguf \"Hello, world\"",
            "  kawi tokenize --tokenizer tokenizer.json --parse-special < conversation.txt",
            "  kawi tokenize -m Qwen3.5-0.8B-Q4_K_M.gguf --decode 9419 11 1814",
            "  echo '[\"one\", \"two\"]' | kawi tokenize --tokenizer tokenizer.json --json",
            "  kawi tokenize \"Once upon a time\""
        })
final class TokenizeCommand implements Callable<Integer> {

    private static final String STANDARD_INPUT = "standard input";
    private static final String STANDARD_INPUT_WORD = "-";

    @ArgGroup
    private Source source = new Source();

    @Option(names = "--json", description = "Read and print JSON.")
    private boolean json;

    @Option(
            names = "--parse-special",
            description = "Recognize added tokens such as <|im_start|>, which are ordinary text otherwise.")
    private boolean parseSpecial;

    @Option(names = "--decode", description = "Convert ids to text.")
    private boolean decode;

    @Parameters(
            paramLabel = "TEXT",
            description = "Text, joined by spaces, or ids for --decode. Default, and for -: standard input, unchanged.")
    private List<String> words = List.of();

    private final Terminal terminal;

    TokenizeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The source of the tokenizer. */
    static final class Source {
        @Option(
                names = {"-m", "--model"},
                paramLabel = "MODEL",
                description = "A GGUF file, a Hugging Face folder, or a model on a hub, whose tokenizer to use. "
                        + "Default: the demo model.")
        private @Nullable String model;

        @Option(names = "--tokenizer", paramLabel = "FILE", description = "A tokenizer.json or tokenizer.json.gz.")
        private @Nullable Path tokenizer;

        Tokenizer read(Terminal terminal) {
            if (tokenizer != null) {
                return Tokenizer.load(tokenizer);
            }
            if (model == null) {
                try (Model demo = DemoModel.load()) {
                    return demo.tokenizer().orElseThrow();
                }
            }
            try (ModelFile file = ModelFile.open(ModelPath.of(model, terminal))) {
                return file.tokenizer()
                        .orElseThrow(() -> new IllegalStateException(
                                "%s has no tokenizer; specify one with --tokenizer".formatted(file.name())));
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        if (words.equals(List.of(STANDARD_INPUT_WORD))) {
            words = List.of();
        }
        int[] listed = decode && !words.isEmpty() ? TokenIds.ofArguments(String.join(" ", words)) : null;
        Tokenizer tokenizer = source.read(terminal);
        if (json && words.isEmpty()) {
            translateArray(tokenizer);
        } else if (decode) {
            decode(tokenizer, listed);
        } else {
            int[] ids = encode(tokenizer, words.isEmpty() ? terminal.readText() : String.join(" ", words));
            if (json) {
                Json.print(terminal.out(), ids);
            } else {
                terminal.out()
                        .println(Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
            }
        }
        return Kawi.SUCCESS;
    }

    private int[] encode(Tokenizer tokenizer, String text) {
        return parseSpecial ? tokenizer.encodeWithSpecials(text) : tokenizer.encode(text);
    }

    /** @param listed the ids on the command line, or null */
    private void decode(Tokenizer tokenizer, int @Nullable [] listed) throws IOException {
        if (listed == null) {
            terminal.out().print(tokenizer.decode(TokenIds.parse(terminal.readText())));
            return;
        }
        String text = tokenizer.decode(listed);
        if (json) {
            Json.print(terminal.out(), text);
        } else {
            terminal.out().println(text);
        }
    }

    private void translateArray(Tokenizer tokenizer) throws IOException {
        String expected = decode ? "an array of arrays of ids" : "an array of strings";
        Object json = Json.read(terminal.readText(), STANDARD_INPUT);
        if (!(json instanceof List<?> array)) {
            throw wrong(expected, json);
        }
        List<Object> results = new ArrayList<>(array.size());
        for (Object element : array) {
            results.add(
                    switch (element) {
                        case List<?> ids when decode -> tokenizer.decode(TokenIds.of(ids, STANDARD_INPUT));
                        case String text when !decode -> encode(tokenizer, text);
                        case null, default -> throw wrong(expected, element);
                    });
        }
        Json.print(terminal.out(), results);
    }

    private static IllegalArgumentException wrong(String expected, @Nullable Object found) {
        return new IllegalArgumentException(
                "%s: expected %s, found %s".formatted(STANDARD_INPUT, expected, Texts.shortened(Json.text(found))));
    }
}
