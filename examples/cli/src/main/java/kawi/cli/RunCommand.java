package kawi.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
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
            "  git diff | kawi run -m Qwen3.5-4B-Q4_K_M.gguf --system \"Summarise this change.\" -",
            "  kawi run --choice yes,no \"Is a whale a fish?\"",
            "  kawi run --schema recipe.schema.json \"A recipe for tea.\" | jq .title",
            "  kawi run --json --seed 7 \"Name a bird.\" | jq -r .text"
        })
final class RunCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "PROMPT",
            description =
                    "The message to the model; several words are joined by spaces. Standard input if it is \"-\", "
                            + "or if it is missing and standard input is not a terminal; a line break at the end is "
                            + "dropped. Put -- before a prompt that begins with a hyphen.")
    private List<String> words = List.of();

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

    RunCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        String text = text();
        try (Model model = modelOptions.load(terminal);
                Interruption interruption = new Interruption()) {
            Prompt prompt = form.applyTo(generationOptions.applyTo(model.prompt(text)));
            prompt = system == null ? prompt : prompt.system(system);
            prompt = (raw ? prompt.raw() : prompt).cancelWith(interruption.cancellation());
            OptionalDouble prepared = secondsSinceProcessStart();
            Reply answer;
            if (json) {
                answer = prompt.generate();
                Json.print(terminal.out(), AnswerReport.full(answer, prepared));
            } else {
                try (RunView view = new RunView(terminal, interruption.cancellation())) {
                    answer = prompt.generate(view);
                }
                if (!answer.text().endsWith("\n")) {
                    terminal.out().println();
                }
                terminal.err().println(AnswerReport.line(answer, prepared));
            }
            return answer.finishReason() == FinishReason.CANCELLED ? Kawi.INTERRUPTED : Kawi.SUCCESS;
        }
    }

    private String text() throws IOException {
        String text;
        if (words.equals(List.of("-")) || (words.isEmpty() && !terminal.interactive())) {
            text = terminal.readText();
            text = text.endsWith("\n") ? text.substring(0, text.length() - (text.endsWith("\r\n") ? 2 : 1)) : text;
        } else {
            text = String.join(" ", words);
        }
        if (text.isEmpty()) {
            throw new UsageException("the prompt is missing");
        }
        return text;
    }

    /** Returns the age of this process in seconds; empty if the system does not report it. */
    private static OptionalDouble secondsSinceProcessStart() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> OptionalDouble.of(Math.max(0, seconds(Duration.between(start, Instant.now())))))
                .orElse(OptionalDouble.empty());
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() * 1e-9;
    }
}
