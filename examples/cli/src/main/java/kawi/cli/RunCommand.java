package kawi.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import kawi.Cancellation;
import kawi.FinishReason;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers a prompt. */
@Command(
        name = "run",
        description = "Answers a prompt, token by token; statistics come on standard error.",
        sortOptions = false,
        footer = {
            "",
            "Ctrl-C ends the answer.",
            "",
            "Examples:",
            "  kawi run -m Qwen3.5-4B-Q4_K_M.gguf --preset thinking \"How many primes are below 50?\"",
            "  kawi run --raw --temperature 0 -n 40 \"Once upon a time\"",
            "  git diff | kawi run -m Qwen3.5-4B-Q4_K_M.gguf --system \"Summarise this change.\" -",
            "  kawi run --json --seed 7 \"Name a bird.\" | jq -r .text"
        })
final class RunCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "PROMPT",
            description =
                    "What to say to the model; several words are joined by blanks. Standard input if it is \"-\", "
                            + "or if it is missing and standard input is not a terminal; a line break at its end is "
                            + "dropped. Put -- before a prompt that begins with a hyphen.")
    private List<String> words = List.of();

    @Option(names = "--json", description = "Print one JSON object instead, when the answer is complete.")
    private boolean json;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

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
            Prompt prompt = generationOptions.applyTo(model.prompt(text)).cancelWith(interruption.cancellation());
            OptionalDouble prepared = secondsSinceProcessStart();
            Reply answer;
            if (json) {
                answer = prompt.generate();
                Json.print(terminal.out(), description(answer, prepared));
            } else {
                answer = prompt.generate(piece -> show(piece, interruption.cancellation()));
                if (!answer.text().endsWith("\n")) {
                    terminal.out().println();
                }
                terminal.err().println(statistics(answer, prepared));
            }
            return answer.finishReason() == FinishReason.CANCELLED ? Kawi.INTERRUPTED : Kawi.DONE;
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

    /** Shows a piece of the answer, or ends it when nobody reads it any more. */
    private void show(String piece, Cancellation cancellation) {
        PrintWriter out = terminal.out();
        out.print(piece);
        if (out.checkError()) {
            cancellation.cancel();
        }
    }

    /** How old this process is, where the system says. */
    private static OptionalDouble secondsSinceProcessStart() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> OptionalDouble.of(Math.max(0, seconds(Duration.between(start, Instant.now())))))
                .orElse(OptionalDouble.empty());
    }

    /** @param prepared seconds from the start of the process until the prompt was given to the model */
    private static String statistics(Reply answer, OptionalDouble prepared) {
        String line = "%d prompt tokens, %d generated, %.1f tokens/s, first token after %.2f s"
                .formatted(
                        answer.stats().promptTokens(),
                        answer.stats().generatedTokens(),
                        answer.stats().tokensPerSecond(),
                        seconds(answer.stats().firstToken()));
        if (prepared.isPresent()) {
            line += " (%.2f s after the start)"
                    .formatted(prepared.getAsDouble() + seconds(answer.stats().firstToken()));
        }
        return switch (answer.finishReason()) {
            case END, STOP_STRING -> line;
            case MAX_TOKENS -> line + ", cut at the most tokens allowed";
            case LOOP -> line + ", ended because it repeated itself";
            case TOOL_LIMIT -> line + ", ended after too many calls of tools";
            case CONTEXT_FULL -> line + ", cut where the context is full";
            case CANCELLED -> line + ", interrupted";
        };
    }

    private static Map<String, Object> description(Reply answer, OptionalDouble prepared) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", answer.stats().promptTokens());
        usage.put("generated_tokens", answer.stats().generatedTokens());
        Map<String, Object> timings = new LinkedHashMap<>();
        timings.put("prefill_seconds", seconds(answer.stats().prefill()));
        timings.put("first_token_seconds", seconds(answer.stats().firstToken()));
        prepared.ifPresent(seconds -> timings.put(
                "first_token_since_process_start_seconds",
                seconds + seconds(answer.stats().firstToken())));
        timings.put("decode_seconds", seconds(answer.stats().decode()));
        timings.put("tokens_per_second", answer.stats().tokensPerSecond());
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("text", answer.text());
        object.put("tokens", answer.tokens());
        object.put("finish_reason", answer.finishReason().name().toLowerCase(Locale.ROOT));
        object.put("usage", usage);
        object.put("timings", timings);
        object.put("seed", answer.seed());
        return object;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() * 1e-9;
    }
}
