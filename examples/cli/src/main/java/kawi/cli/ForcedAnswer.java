package kawi.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kawi.GenerationStats;
import kawi.LogitsProcessor;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.Speculation;
import kawi.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * Measures what guessing ahead gains on a given text, whatever the weights are. The answer is forced to be that text:
 * every token of it is made the most probable one at its position. The guesses are those that the model would make for
 * this answer: looked up in the prompt and the answer so far, or made by the model's own head.
 */
final class ForcedAnswer {

    private final int promptTokens;
    private final List<Integer> answer;
    private final Prompt prompt;
    private final Speculation speculation;
    private final List<Double> plain = new ArrayList<>();
    private final List<Double> guessed = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();
    private Optional<GenerationStats> last = Optional.empty();

    /**
     * @param prompt a file with the text of the prompt
     * @param answer a file with the text of the answer
     * @param speculation how many guesses are made, automatic if null
     */
    ForcedAnswer(Model model, Path prompt, Path answer, @Nullable Speculation speculation) throws IOException {
        int[] promptIds = encode(model, prompt);
        int[] answerIds = encode(model, answer);
        if (promptIds.length == 0) {
            throw new IllegalArgumentException(
                    "%s has no tokens; the prompt of a forced answer must have 1 at least".formatted(prompt));
        }
        if (answerIds.length < 2) {
            throw new IllegalArgumentException(
                    "%s has %d tokens; a forced answer must have 2 at least".formatted(answer, answerIds.length));
        }
        if ((long) promptIds.length + answerIds.length > model.contextLength()) {
            throw new IllegalArgumentException("%d tokens of %s and %d tokens of %s exceed the context length of %d"
                    .formatted(promptIds.length, prompt, answerIds.length, answer, model.contextLength()));
        }
        this.promptTokens = promptIds.length;
        this.answer = Arrays.stream(answerIds).boxed().toList();
        this.speculation = speculation == null ? Speculation.auto() : speculation;
        LogitsProcessor force =
                (tokens, logits) -> logits[answerIds[tokens.length() - tokens.promptLength()]] = Float.MAX_VALUE;
        this.prompt = model.prompt(promptIds)
                .temperature(0)
                .loopGuard(false)
                .ignoreEnd()
                .logitsProcessor(force)
                .maxTokens(answerIds.length);
    }

    private static int[] encode(Model model, Path file) throws IOException {
        Tokenizer tokenizer = model.tokenizer()
                .orElseThrow(() -> new IllegalStateException(
                        "%s has no tokenizer, so %s cannot be encoded".formatted(model.name(), file)));
        return tokenizer.encode(Terminal.decode(Files.readAllBytes(file), file.toString()));
    }

    /** Generates the answer without guesses and with guesses; {@code counted} is false for a warm-up. */
    void run(boolean counted) {
        Reply off = generate(Speculation.off());
        Reply on = generate(speculation);
        if (counted) {
            double before = off.stats().tokensPerSecond();
            double rate = on.stats().tokensPerSecond();
            plain.add(before);
            guessed.add(rate);
            ratios.add(rate / before);
        }
        last = Optional.of(on.stats());
    }

    private Reply generate(Speculation speculation) {
        Reply reply = prompt.speculation(speculation).generate();
        if (!reply.tokens().equals(answer)) {
            throw new IllegalStateException("the answer is not the one that was forced");
        }
        return reply;
    }

    void print(PrintWriter out) {
        GenerationStats stats = last.orElseThrow();
        out.printf("forced answer of %d tokens to a prompt of %d tokens%n", answer.size(), promptTokens);
        out.printf("without guesses  %10.2f tokens/s%n", BenchCommand.median(plain));
        out.printf(
                "with guesses     %10.2f tokens/s   ratio %.2f, %d of %d guesses accepted in %d passes%n",
                BenchCommand.median(guessed),
                BenchCommand.median(ratios),
                stats.acceptedTokens(),
                stats.guessedTokens(),
                stats.steps());
    }

    /** The results as values for JSON. */
    Map<String, Object> values() {
        GenerationStats stats = last.orElseThrow();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("forced", true);
        object.put("prompt_tokens", promptTokens);
        object.put("answer_tokens", answer.size());
        object.put("tokens_per_second_without_guesses", BenchCommand.median(plain));
        object.put("tokens_per_second", BenchCommand.median(guessed));
        object.put("ratio", BenchCommand.median(ratios));
        object.put("guessed_tokens", stats.guessedTokens());
        object.put("accepted_tokens", stats.acceptedTokens());
        object.put("steps", stats.steps());
        return object;
    }
}
