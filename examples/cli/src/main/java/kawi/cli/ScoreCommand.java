package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.Model;
import kawi.Sequence;
import kawi.Tokenizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Computes the probability of a text, to compare Kawi with other programs that run the same file. */
@Command(
        name = "score",
        description = "Prints the probability of a text as one JSON object.",
        footer = {
            "",
            "Keys of the object:",
            "  tokens         the number of tokens",
            "  nll            mean negative log-likelihood in nats per predicted token, that is, all but the first",
            "  perplexity     exp(nll)",
            "  bits_per_byte  for texts: total nats / ln 2 / bytes in UTF-8",
            "  greedy         the most probable id at each position; of equal logits, the lower id",
            "Probabilities are over all logits, including padding. Values are null if no token was predicted.",
            "",
            "Examples:",
            "  kawi score -m Qwen3.5-0.8B-Q4_K_M.gguf --text book.txt --window 4096",
            "  kawi score -m Qwen3.5-0.8B-Q4_K_M.gguf --ids 9419,11,1814 --logits logits.safetensors"
        })
final class ScoreCommand implements Callable<Integer> {

    private static final String STANDARD_INPUT = "-";

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = "--parse-special",
            description = "Recognize added tokens such as <|im_start|> in the text, which are ordinary text otherwise.")
    private boolean parseSpecial;

    @Option(
            names = "--window",
            paramLabel = "N",
            description =
                    "Split the tokens into pieces of N and evaluate each alone; the first of each is not predicted.")
    private @Nullable Integer window;

    @Option(
            names = "--logits",
            paramLabel = "OUT.safetensors",
            description = "Write the logits to this file: F32, shape [tokens, vocabulary], name \"logits\".")
    private @Nullable Path logits;

    @Option(names = "--force", description = "Overwrite OUT.safetensors if it exists.")
    private boolean force;

    private final Terminal terminal;

    ScoreCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The source of the tokens. */
    static final class Source {
        @Option(names = "--text", paramLabel = "FILE", description = "A text file in UTF-8; - is standard input.")
        private @Nullable Path text;

        @Option(names = "--ids", paramLabel = "ID,...", description = "Token ids; - is standard input.")
        private @Nullable String ids;

        @Option(
                names = "--ids-file",
                paramLabel = "FILE.json",
                description = "A JSON array of token ids, or an object with such an array under \"ids\"; - is standard "
                        + "input.")
        private @Nullable Path idsFile;
    }

    /**
     * The tokens to score.
     *
     * @param bytes the size of the text in UTF-8; 0 if the source is token ids
     */
    private record Input(int[] ids, int bytes) {}

    @Option(names = "--json", description = "Print one JSON object; this is the default.")
    void json(boolean on) {}

    @Override
    public Integer call() throws IOException {
        if (window != null && window < 2) {
            throw new UsageException("--window is %d; it must be at least 2".formatted(window));
        }
        if (logits != null) {
            OutputFile.check(logits, force);
        }
        int[] listed =
                source.ids == null ? null : TokenIds.ofArguments(source.ids.equals(STANDARD_INPUT) ? "" : source.ids);
        try (Model model = modelOptions.load(terminal)) {
            Input input = input(model, listed);
            int[] ids = input.ids();
            if (ids.length == 0) {
                throw new IllegalArgumentException("there are no tokens to score");
            }
            int piece = window == null ? ids.length : window;
            if (Math.min(piece, ids.length) > model.contextLength()) {
                throw new IllegalArgumentException(
                        "%d tokens exceed the context length of %d; --window %d splits them into pieces that fit"
                                .formatted(Math.min(piece, ids.length), model.contextLength(), model.contextLength()));
            }
            try (Score score = new Score(ids.length, model.vocabularySize(), logits)) {
                for (int from = 0; from < ids.length; from += piece) {
                    int to = Math.min(ids.length, from + piece);
                    evaluate(model, Arrays.copyOfRange(ids, from, to), score);
                }
                score.finish();
                terminal.status("");
                Json.print(terminal.out(), description(score, input));
            }
        }
        return Kawi.SUCCESS;
    }

    /** Returns the content of a file, or standard input for {@code -}. */
    private byte[] content(Path file) throws IOException {
        return file.toString().equals(STANDARD_INPUT) ? terminal.in().readAllBytes() : Files.readAllBytes(file);
    }

    private static String name(Path file) {
        return file.toString().equals(STANDARD_INPUT) ? "standard input" : file.toString();
    }

    /** @param listed the ids on the command line, or null */
    private Input input(Model model, int @Nullable [] listed) throws IOException {
        if (source.text != null) {
            byte[] bytes = content(source.text);
            String text = Terminal.decode(bytes, name(source.text));
            Tokenizer tokenizer = model.tokenizer()
                    .orElseThrow(
                            () -> new IllegalStateException("%s has no tokenizer; use --ids".formatted(model.name())));
            return new Input(parseSpecial ? tokenizer.encodeWithSpecials(text) : tokenizer.encode(text), bytes.length);
        }
        if (listed != null) {
            boolean input = STANDARD_INPUT.equals(source.ids);
            return new Input(input ? TokenIds.parse(terminal.readText()) : listed, 0);
        }
        if (source.idsFile == null) {
            throw new UsageException("a text or ids are required");
        }
        String name = name(source.idsFile);
        Object json = Json.read(Terminal.decode(content(source.idsFile), name), name);
        Object ids = json instanceof Map<?, ?> object && object.containsKey("ids") ? object.get("ids") : json;
        return new Input(TokenIds.of(ids, name), 0);
    }

    private void evaluate(Model model, int[] ids, Score score) {
        try (Sequence sequence = model.newSequence()) {
            sequence.append(ids, (position, row) -> {
                if (position + 1 < ids.length) {
                    score.add(row, ids[position + 1]);
                } else {
                    score.add(row);
                }
                terminal.status("%d tokens scored".formatted(score.positions()));
            });
        }
    }

    private static Map<String, @Nullable Object> description(Score score, Input input) {
        boolean any = score.predicted() > 0;
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("tokens", input.ids().length);
        object.put("nll", any ? score.meanNats() : null);
        object.put("perplexity", any ? StrictMath.exp(score.meanNats()) : null);
        if (input.bytes() > 0) {
            object.put("bits_per_byte", any ? score.nats() / StrictMath.log(2) / input.bytes() : null);
        }
        object.put("greedy", score.greedy());
        return object;
    }
}
