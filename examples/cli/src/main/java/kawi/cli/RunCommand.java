package kawi.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import kawi.FinishReason;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers a prompt. */
@Command(
        name = "run",
        description = "Answers a prompt, streaming the text; statistics go to standard error.",
        sortOptions = false,
        footer = {
            "",
            "Ctrl-C ends the answer. Thoughts are shown dimmed on a terminal, and otherwise only with --json.",
            "",
            "Examples:",
            "  kawi run -m Qwen3.5-4B-Q4_K_M.gguf --preset thinking \"How many primes are below 50?\"",
            "  kawi run --raw --temperature 0 -n 40 \"Once upon a time\"",
            "  git diff | kawi run -m Qwen3.5-4B-Q4_K_M.gguf \"Summarise this change.\"",
            "  kawi run -m Qwen3.5-4B-Q4_K_M.gguf \"Translate this into Javanese:\" -f letter.txt",
            "  kawi run -m hf:Qwen/Qwen3.5-0.8B --image invoice.png \"What is the total?\"",
            "  kawi run --choice yes,no \"Is a whale a fish?\"",
            "  kawi run --schema recipe.schema.json \"A recipe for tea.\" | jq .title",
            "  kawi run --json --seed 7 \"Name a bird.\" | jq -r .text"
        })
final class RunCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "PROMPT",
            description = "The message to the model; several words are joined by spaces. If standard input is not a "
                    + "terminal, it follows after a blank line, or takes the place of a word -. Put -- before "
                    + "a prompt that begins with a hyphen.")
    private List<String> words = List.of();

    @Option(
            names = {"-f", "--prompt-file"},
            paramLabel = "FILE",
            description = "A text file, which follows PROMPT after a blank line; - is standard input.")
    private @Nullable Path promptFile;

    @Mixin
    private final MediaOptions media = new MediaOptions();

    @Option(names = "--json", description = "Print one JSON object when the answer is complete.")
    private boolean json;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message.")
    private @Nullable String system;

    @Option(names = "--raw", description = "Continue the prompt unchanged, without the chat template.")
    private boolean raw;

    @ArgGroup
    private AnswerForm form = new AnswerForm();

    @Mixin
    private final GenerationOptions generationOptions = new GenerationOptions();

    private final Terminal terminal;
    private final boolean implied;

    /** @param implied whether the command line does not name a command */
    RunCommand(Terminal terminal, boolean implied) {
        this.terminal = terminal;
        this.implied = implied;
    }

    @Override
    public Integer call() throws IOException {
        if (raw && system != null) {
            throw new UsageException("--raw and --system exclude each other: a raw prompt has no system message");
        }
        if (raw && media.any()) {
            throw new UsageException("--raw excludes --image and --video: images need the chat template");
        }
        if (implied && words.size() == 1) {
            CommandNames.mistake(Kawi.names(), words.getFirst()).ifPresent(mistake -> {
                throw new UsageException(mistake);
            });
        }
        String text = new PromptText(media.take(words), promptFile, terminal).read();
        if (media.any()) {
            modelOptions.seeing();
        }
        if (modelOptions.isDemo() && terminal.interactive() && terminal.isTerminal(StandardStream.ERR)) {
            terminal.err()
                    .println(terminal.dimmed(media.any() ? ModelOptions.SEEING_NOTICE : ModelOptions.DEMO_NOTICE));
        }
        try (Model model = modelOptions.load(terminal);
                Interruption interruption = new Interruption()) {
            Prompt prompt = form.applyTo(generationOptions.applyTo(media.applyTo(model.prompt(text))));
            prompt = system == null ? prompt : prompt.system(system);
            prompt = (raw ? prompt.raw() : prompt).cancelWith(interruption.cancellation());
            long prepared = System.currentTimeMillis();
            Reply answer;
            if (json) {
                try (ProgressView view = new ProgressView(terminal, piece -> {})) {
                    answer = prompt.generate(view);
                }
                Json.print(terminal.out(), AnswerReport.full(answer, secondsSinceStart(prepared)));
            } else {
                try (RunView view = new RunView(terminal, interruption.cancellation())) {
                    answer = prompt.generate(view);
                }
                if (!answer.text().endsWith("\n")) {
                    terminal.prose().println();
                }
                if (terminal.outputFailure().isEmpty()) {
                    AnswerReport.imageLines(answer).forEach(terminal.err()::println);
                    terminal.err().println(AnswerReport.line(answer, secondsSinceStart(prepared)));
                }
            }
            return answer.finishReason() == FinishReason.CANCELLED ? Kawi.INTERRUPTED : Kawi.SUCCESS;
        }
    }

    /**
     * Returns the seconds from the start of the JVM to a time. Both come from the same clock: what the system reports
     * as the start of the process is derived from the time of booting, which drifts.
     */
    private static double secondsSinceStart(long milliseconds) {
        return Math.max(0, milliseconds - ManagementFactory.getRuntimeMXBean().getStartTime()) * 1e-3;
    }
}
