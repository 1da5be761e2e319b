package kawi.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.Speculation;
import org.jspecify.annotations.Nullable;

/**
 * Measures what guessing ahead costs and gains if a given share of the guesses is right. The guesses are taken from an
 * answer that was generated without guesses, and made wrong at random, so the share does not depend on the weights.
 */
final class ForcedAcceptance {

    /** The number of guesses per pass unless a number is given. */
    private static final int DEFAULT_GUESSES = 3;

    private final Model model;
    private final Prompt prompt;
    private final List<Double> rates;
    private final int guesses;
    private final List<Double> plain = new ArrayList<>();
    private final List<List<Double>> guessed = new ArrayList<>();
    private final List<List<Double>> ratios = new ArrayList<>();
    private final List<Reply> last = new ArrayList<>();
    private List<Integer> answer = List.of();

    /**
     * @param ids the prompt
     * @param generatedTokens the number of tokens of each answer that are measured
     * @param rates the probabilities that a guess is right if those before it are
     * @param speculation the number of guesses per pass, if it is a number
     */
    ForcedAcceptance(
            Model model, int[] ids, int generatedTokens, List<Double> rates, @Nullable Speculation speculation) {
        this.model = model;
        this.prompt =
                model.prompt(ids).temperature(0).loopGuard(false).ignoreEnd().maxTokens(generatedTokens + 1);
        this.rates = rates;
        this.guesses = speculation instanceof Speculation.UpTo(int limit) ? limit : DEFAULT_GUESSES;
        for (int i = 0; i < rates.size(); i++) {
            guessed.add(new ArrayList<>());
            ratios.add(new ArrayList<>());
        }
    }

    /** Generates an answer without guesses and one for each rate; {@code counted} is false for a warm-up. */
    void run(boolean counted) {
        Reply off = prompt.speculation(Speculation.off()).generate();
        answer = off.tokens();
        double before = off.stats().tokensPerSecond();
        if (counted) {
            plain.add(before);
            last.clear();
        }
        for (int i = 0; i < rates.size(); i++) {
            Reply on = prompt.speculation(new Speculation.Rehearsal(answer, guesses, rates.get(i)))
                    .generate();
            if (!on.tokens().equals(answer)) {
                throw new IllegalStateException("the answer with guesses is not the one without");
            }
            if (counted) {
                double rate = on.stats().tokensPerSecond();
                guessed.get(i).add(rate);
                ratios.get(i).add(rate / before);
                last.add(on);
            }
        }
    }

    /** What is measured: the head for multi-token prediction as well, if the model has one. */
    private String scope() {
        return model.predictsTokens()
                ? "guesses of the model's own head are made and replaced"
                : "the model has no head for multi-token prediction, so only verification is measured";
    }

    void print(PrintWriter out) {
        out.printf("forced acceptance, %d guesses per pass; %s%n", guesses, scope());
        out.printf("without guesses  %10.2f tokens/s%n", BenchCommand.median(plain));
        for (int i = 0; i < rates.size(); i++) {
            out.printf(
                    "acceptance %.2f  %10.2f tokens/s   ratio %.2f, %d of %d guesses accepted in %d passes%n",
                    rates.get(i),
                    BenchCommand.median(guessed.get(i)),
                    BenchCommand.median(ratios.get(i)),
                    last.get(i).stats().acceptedTokens(),
                    last.get(i).stats().guessedTokens(),
                    last.get(i).stats().steps());
        }
    }

    /** The results as values for JSON. */
    Map<String, Object> values() {
        List<Map<String, Object>> results = new ArrayList<>();
        for (int i = 0; i < rates.size(); i++) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("acceptance", rates.get(i));
            result.put("tokens_per_second", BenchCommand.median(guessed.get(i)));
            result.put("ratio", BenchCommand.median(ratios.get(i)));
            result.put("guessed_tokens", last.get(i).stats().guessedTokens());
            result.put("accepted_tokens", last.get(i).stats().acceptedTokens());
            result.put("steps", last.get(i).stats().steps());
            results.add(result);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("forced", true);
        object.put("guesses_per_pass", guesses);
        object.put("predicts_tokens", model.predictsTokens());
        object.put("tokens_per_second_without_guesses", BenchCommand.median(plain));
        object.put("results", results);
        return object;
    }
}
