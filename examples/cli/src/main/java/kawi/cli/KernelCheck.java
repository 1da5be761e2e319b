package kawi.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import kawi.Model;
import kawi.Sequence;
import kawi.Tokenizer;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;

/** A few tokens, generated with every tier of kernels there is here, and all logits compared bit for bit. */
final class KernelCheck {

    private static final String QUESTION = "Tell me a story about a fox who lost a kite.";
    private static final int TOKENS = 8;

    private KernelCheck() {}

    /** What a model did: the text of its tokens and the logits before each of them. */
    private record Trial(String text, List<float[]> logits, int threads) {}

    /**
     * How a tier compares with the first one.
     *
     * @param difference the first token before which a logit differs, if there is one
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
     * What came out.
     *
     * @param threads threads that computed
     */
    record Outcome(String text, int threads, List<Comparison> comparisons) {

        boolean agreed() {
            return comparisons.stream()
                    .allMatch(comparison -> comparison.difference().isEmpty());
        }
    }

    static Outcome run(ModelOptions options, Terminal terminal) {
        Map<String, Trial> trials = new LinkedHashMap<>();
        for (String tier : usableTiers()) {
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

    private static List<String> usableTiers() {
        List<String> usable = new ArrayList<>();
        for (KernelTier tier : KernelTier.values()) {
            String name = tier.name().toLowerCase(Locale.ROOT);
            try {
                TierChoice.choose(name);
                usable.add(name);
            } catch (UnsupportedOperationException e) {
                // Said already, with the reason.
            }
        }
        return usable;
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

    /** The text, on one line, of the ids that have one; a model may have more ids than its tokenizer. */
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
