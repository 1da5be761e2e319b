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
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How probable a model finds a text: a way to check Kawi against anything else that runs the same file. */
@Command(
        name = "score",
        description = "Prints how probable the model finds a text, as one JSON object.",
        footer = {
            "",
            "Keys of the object:",
            "  tokens         how many there are",
            "  nll            mean negative log-likelihood in nats per predicted token, each but the first",
            "  perplexity     exp(nll)",
            "  bits_per_byte  of text: all nats / ln 2 / bytes in UTF-8",
            "  greedy         the most probable id after each position; of equal logits the lower id",
            "Probabilities are over all logits, padding included. What no token was predicted for is null.",
            "",
            "Examples:",
            "  kawi score -m Qwen3.5-0.8B-Q4_K_M.gguf --text book.txt --window 4096",
            "  kawi score -m Qwen3.5-0.8B-Q4_K_M.gguf --ids 9419,11,1814 --logits logits.safetensors"
        })
final class ScoreCommand implements Callable<Integer> {

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = "--parse-special",
            description = "Recognise added tokens such as <|im_start|> in the text, which are ordinary text otherwise.")
    private boolean parseSpecial;

    @Option(
            names = "--window",
            paramLabel = "N",
            description =
                    "Cut the tokens into pieces of N and evaluate each alone; the first of each is not predicted.")
    private @Nullable Integer window;

    @Option(
            names = "--logits",
            paramLabel = "OUT.safetensors",
            description = "Write the logits there: F32, shape [tokens, vocabulary], name \"logits\".")
    private @Nullable Path logits;

    private final Terminal terminal;

    ScoreCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Where the tokens are. */
    static final class Source {
        @Option(names = "--text", paramLabel = "FILE", description = "A text file in UTF-8.")
        private @Nullable Path text;

        @Option(names = "--ids", paramLabel = "ID,...", description = "Token ids.")
        private @Nullable String ids;

        @Option(
                names = "--ids-file",
                paramLabel = "FILE.json",
                description = "A JSON array of token ids, or an object with such an array under \"ids\".")
        private @Nullable Path idsFile;
    }

    /**
     * What to score.
     *
     * @param bytes of the text in UTF-8; 0 where there are only ids
     */
    private record Input(int[] ids, int bytes) {}

    @Option(names = "--json", description = "Print one JSON object, as without this option.")
    void json(boolean on) {}

    @Override
    public Integer call() throws IOException {
        if (window != null && window < 2) {
            throw new UsageException(
                    "--window is %d; nothing can be predicted in pieces of less than 2".formatted(window));
        }
        try (Model model = modelOptions.load(terminal)) {
            Input input = input(model);
            int[] ids = input.ids();
            if (ids.length == 0) {
                throw new IllegalArgumentException("there are no tokens to score");
            }
            int piece = window == null ? ids.length : window;
            if (Math.min(piece, ids.length) > model.contextLength()) {
                throw new IllegalArgumentException(
                        "%d tokens are more than the context of %d holds; --window %d cuts them into pieces that fit"
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
        return Kawi.DONE;
    }

    private Input input(Model model) throws IOException {
        if (source.text != null) {
            byte[] bytes = Files.readAllBytes(source.text);
            String text = Terminal.decode(bytes, source.text.toString());
            Tokenizer tokenizer = model.tokenizer()
                    .orElseThrow(() -> new IllegalStateException(
                            "%s has no tokenizer, so it needs --ids".formatted(model.name())));
            return new Input(parseSpecial ? tokenizer.encodeWithSpecials(text) : tokenizer.encode(text), bytes.length);
        }
        if (source.ids != null) {
            return new Input(TokenIds.parse(source.ids), 0);
        }
        if (source.idsFile == null) {
            throw new UsageException("a text or ids are missing");
        }
        String name = source.idsFile.toString();
        JsonValue json = Json.read(Terminal.decode(Files.readAllBytes(source.idsFile), name), name);
        return new Input(TokenIds.of(json.isObject() && json.has("ids") ? json.path("ids") : json, name), 0);
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
        object.put("perplexity", any ? Math.exp(score.meanNats()) : null);
        if (input.bytes() > 0) {
            object.put("bits_per_byte", any ? score.nats() / Math.log(2) / input.bytes() : null);
        }
        object.put("greedy", score.greedy());
        return object;
    }
}
