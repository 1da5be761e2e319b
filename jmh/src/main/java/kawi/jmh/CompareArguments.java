package kawi.jmh;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The command-line arguments of a comparison.
 *
 * @param mode whether to measure a part of the suite or the whole suite
 * @param only a substring of the subjects to measure; empty for all
 * @param tier the tier to measure; empty for all
 * @param chosenBaseline the file of the baseline, or null for the default
 * @param record whether to write the baseline
 */
record CompareArguments(
        Suite.Mode mode, String only, String tier, @Nullable Path chosenBaseline, boolean record) {

    /** Thrown when the arguments are invalid; the message gives the reason. */
    static final class UsageException extends IllegalArgumentException {
        UsageException(String message) {
            super(message);
        }
    }

    static CompareArguments parse(String[] args) {
        Suite.@Nullable Mode mode = null;
        String only = "";
        String tier = "";
        Path baseline = null;
        boolean record = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick", "--full" -> {
                    if (mode != null) {
                        throw new UsageException("only one of --quick and --full can be given, and only once");
                    }
                    mode = args[i].equals("--full") ? Suite.Mode.FULL : Suite.Mode.QUICK;
                }
                case "--only" -> only = value(args, i++);
                case "--tier" -> tier = tier(value(args, i++));
                case "--baseline" -> baseline = path(value(args, i++));
                case "--record" -> record = true;
                default -> throw new UsageException("unknown option \"%s\"".formatted(args[i]));
            }
        }
        return new CompareArguments(mode == null ? Suite.Mode.QUICK : mode, only, tier, baseline, record);
    }

    private static String value(String[] args, int option) {
        if (option + 1 == args.length) {
            throw new UsageException(args[option] + " requires a value");
        }
        return args[option + 1];
    }

    private static String tier(String name) {
        if (!Tiers.NAMES.contains(name)) {
            throw new UsageException(
                    "no tier \"%s\"; the tiers are %s".formatted(name, String.join(", ", Tiers.NAMES)));
        }
        return name;
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException("\"%s\" is not a valid path: %s".formatted(text, e.getReason()));
        }
    }

    /** Whether only some benchmarks or tiers are measured. */
    boolean isPartial() {
        return !only.isEmpty() || !tier.isEmpty();
    }

    List<Tiers.Finding> chosen(List<Tiers.Finding> tiers) {
        return tiers.stream()
                .filter(found -> tier.isEmpty() || found.tier().equals(tier))
                .toList();
    }

    Path baseline(String level) {
        return chosenBaseline == null ? Baseline.file(level) : chosenBaseline;
    }

    List<Trial> trials() {
        List<Trial> trials = Suite.trials(mode).stream()
                .filter(trial -> trial.subject().contains(only))
                .toList();
        if (trials.isEmpty()) {
            throw new UsageException("no benchmark contains \"%s\"; the names are %s"
                    .formatted(
                            only,
                            Suite.trials(mode).stream().map(Trial::subject).collect(Collectors.joining(", "))));
        }
        return trials;
    }
}
