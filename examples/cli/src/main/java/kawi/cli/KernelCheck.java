package kawi.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import kawi.KernelSupport;
import kawi.Model;
import kawi.Sequence;
import kawi.Tokenizer;

/** Generates a few tokens with each available tier of kernels, and compares all logits bit for bit. */
final class KernelCheck {

    private static final String QUESTION = "Tell me a story about a fox who lost a kite.";
    private static final int TOKENS = 8;

    private KernelCheck() {}

    /**
     * The result of a tier.
     *
     * @param text of the generated tokens
     * @param logits from which each of them was chosen
     * @param threads the number of threads used
     */
    private record Trial(String text, List<float[]> logits, int threads) {}

    /**
     * The comparison of a tier with the first one.
     *
     * @param difference the index of the first token whose logits differ; empty if all are equal
     */
    record Comparison(String tier, String reference, OptionalInt difference) {

        String sentence() {
            return difference.isEmpty()
                    ? "%s = %s, bit for bit".formatted(tier, reference)
                    : "%s differs from %s at token %d; please report this"
                            .formatted(tier, reference, difference.getAsInt());
        }
    }

    /**
     * The result of the check.
     *
     * @param text the text that was generated
     * @param threads the number of threads used
     */
    record Outcome(String text, int threads, List<Comparison> comparisons) {

        boolean agreed() {
            return comparisons.stream()
                    .allMatch(comparison -> comparison.difference().isEmpty());
        }
    }

    static Outcome run(ModelOptions options, Terminal terminal) {
        Map<String, Trial> trials = new LinkedHashMap<>();
        for (String tier : availableTiers()) {
            terminal.status("checking " + tier);
            try (Model model = options.loader(terminal).kernels(tier).load()) {
                trials.put(tier, attempt(model));
            } finally {
                terminal.status("");
            }
        }
        List<String> tiers = List.copyOf(trials.keySet());
        List<Trial> outcomes = List.copyOf(trials.values());
        Trial definition = outcomes.getFirst();
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 1; i < tiers.size(); i++) {
            comparisons.add(
                    new Comparison(tiers.get(i), tiers.getFirst(), firstDifference(definition, outcomes.get(i))));
        }
        return new Outcome(definition.text(), definition.threads(), comparisons);
    }

    private static List<String> availableTiers() {
        return KernelSupport.detect().tiers().stream()
                .filter(KernelSupport.Tier::available)
                .map(KernelSupport.Tier::name)
                .toList();
    }

    private static Trial attempt(Model model) {
        int[] prompt = model.tokenizer().isPresent() ? model.prompt(QUESTION).tokens() : new int[] {0, 1, 2, 3};
        List<float[]> logits = new ArrayList<>();
        int[] answer = new int[TOKENS];
        try (Sequence sequence = model.newSequence()) {
            sequence.append(prompt);
            for (int i = 0; i < TOKENS; i++) {
                logits.add(sequence.logits());
                answer[i] = Score.mostProbable(logits.getLast());
                sequence.append(answer[i]);
            }
        }
        String text = model.tokenizer().map(t -> text(t, answer)).orElseGet(() -> Arrays.toString(answer));
        return new Trial(text, logits, model.threads());
    }

    /** Returns the text on one line, without ids that the tokenizer does not have. */
    private static String text(Tokenizer tokenizer, int[] ids) {
        int[] known =
                Arrays.stream(ids).filter(id -> id < tokenizer.vocabularySize()).toArray();
        return tokenizer.decode(known).replaceAll("\\s+", " ");
    }

    private static OptionalInt firstDifference(Trial a, Trial b) {
        for (int i = 0; i < TOKENS; i++) {
            if (!Arrays.equals(a.logits().get(i), b.logits().get(i))) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }
}
