package kawi.cli;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.Model;
import kawi.Sequence;
import kawi.kernels.KernelTier;
import kawi.kernels.TierChoice;
import kawi.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What Kawi finds on this machine, why it chose its kernels, and whether they compute the same. */
@Command(
        name = "doctor",
        description =
                "Shows what Kawi finds here, why it chose its kernels, and checks that all kernels compute the same.",
        footer = {
            "",
            "The check generates a few tokens with every kind of kernels there is and compares all logits bit for bit. "
                    + "The exit code is 1 if they differ, or if kernels were asked for that cannot be had.",
            "",
            "Examples:",
            "  kawi doctor",
            "  kawi doctor -m Qwen3.5-0.8B-Q4_K_M.gguf"
        })
final class DoctorCommand implements Callable<Integer> {

    private static final String QUESTION = "Tell me a story about a fox who lost a kite.";
    private static final int TOKENS = 8;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    private final Terminal terminal;
    private boolean healthy = true;

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** What a model did: the text of its tokens and the logits before each of them. */
    private record Trial(String text, List<float[]> logits) {}

    @Override
    public Integer call() {
        line("kawi", new Kawi.Version().getVersion()[0].substring("kawi ".length()));
        line(
                "JDK",
                "%s, %s (%s)"
                        .formatted(
                                property("java.runtime.version"), property("java.vm.name"), property("java.vendor")));
        line("", property("java.home"));
        line("system", "%s %s, %s".formatted(property("os.name"), property("os.version"), property("os.arch")));
        line("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        line("memory", memory());
        kernels();
        check();
        return healthy ? Kawi.DONE : Kawi.FAILED;
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    private static String memory() {
        String heap =
                MemoryPlan.bytes(Runtime.getRuntime().maxMemory()) + " of it for Java objects; weights are outside";
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? "%s, %s free, up to %s"
                        .formatted(
                                MemoryPlan.bytes(system.getTotalMemorySize()),
                                MemoryPlan.bytes(system.getFreeMemorySize()),
                                heap)
                : "up to " + heap;
    }

    private void kernels() {
        line("kernels", TierChoice.choose("auto").sentence());
        String forced = System.getProperty(TierChoice.PROPERTY);
        if (forced != null) {
            healthy = reported("-D%s=%s".formatted(TierChoice.PROPERTY, forced), forced);
        }
        for (KernelTier tier : KernelTier.values()) {
            reported("--kernels " + name(tier), name(tier));
        }
    }

    /** Says what asking for a tier comes to; returns whether it can be had. */
    private boolean reported(String request, String tier) {
        try {
            line("", "%s: %s".formatted(request, TierChoice.choose(tier).reason()));
            return true;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            line("", "%s: %s".formatted(request, Failure.sentence(e)));
            return false;
        }
    }

    private void check() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        for (String tier : usableTiers()) {
            terminal.status("checking " + tier);
            try (Model model = modelOptions.loader(terminal).kernels(tier).load()) {
                trials.put(tier, attempt(model));
            }
        }
        terminal.status("");
        List<String> tiers = List.copyOf(trials.keySet());
        List<Trial> outcomes = List.copyOf(trials.values());
        Trial definition = outcomes.getFirst();
        line("self-check", "\"%s\"".formatted(definition.text()));
        for (int i = 1; i < tiers.size(); i++) {
            int place = firstDifference(definition, outcomes.get(i));
            healthy &= place < 0;
            line(
                    "",
                    place < 0
                            ? "%s = %s, bit for bit".formatted(tiers.get(i), tiers.getFirst())
                            : "%s differs from %s at token %d; please report this"
                                    .formatted(tiers.get(i), tiers.getFirst(), place));
        }
        line("", healthy ? "OK" : "NOT OK");
    }

    private static List<String> usableTiers() {
        List<String> usable = new ArrayList<>();
        for (KernelTier tier : KernelTier.values()) {
            try {
                TierChoice.choose(name(tier));
                usable.add(name(tier));
            } catch (UnsupportedOperationException e) {
                // Said already, with the reason.
            }
        }
        return usable;
    }

    private static String name(KernelTier tier) {
        return tier.name().toLowerCase(Locale.ROOT);
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
        return new Trial(model.tokenizer().map(t -> text(t, answer)).orElseGet(() -> Arrays.toString(answer)), logits);
    }

    /** The text, on one line, of the ids that have one; a model may have more ids than its tokenizer. */
    private static String text(Tokenizer tokenizer, int[] ids) {
        int[] known =
                Arrays.stream(ids).filter(id -> id < tokenizer.vocabularySize()).toArray();
        return tokenizer.decode(known).replaceAll("\\s+", " ");
    }

    private static int firstDifference(Trial a, Trial b) {
        for (int i = 0; i < TOKENS; i++) {
            if (!Arrays.equals(a.logits().get(i), b.logits().get(i))) {
                return i;
            }
        }
        return -1;
    }

    private void line(String what, String value) {
        terminal.out().printf("%-11s %s%n", what, value);
    }
}
