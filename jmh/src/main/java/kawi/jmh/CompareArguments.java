package kawi.jmh;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison is asked for.
 *
 * @param only a part of the subjects that are measured; all of them have the empty text
 * @param result a file of JMH's to take instead of measuring
 * @param chosenBaseline the baseline's file, if not the usual one
 * @param record whether the baseline is to be written
 */
record CompareArguments(
        Suite.Mode mode,
        String only,
        @Nullable Path result,
        @Nullable Path chosenBaseline,
        boolean record) {

    /** The arguments make no sense; the message says why. */
    static final class UsageException extends IllegalArgumentException {
        UsageException(String message) {
            super(message);
        }
    }

    static CompareArguments parse(String[] args) {
        Suite.@Nullable Mode mode = null;
        String only = "";
        Path result = null;
        Path baseline = null;
        boolean record = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick", "--full" -> {
                    if (mode != null) {
                        throw new UsageException("--quick and --full: only one of them, and once");
                    }
                    mode = args[i].equals("--full") ? Suite.Mode.FULL : Suite.Mode.QUICK;
                }
                case "--only" -> only = value(args, i++);
                case "--result" -> result = path(value(args, i++));
                case "--baseline" -> baseline = path(value(args, i++));
                case "--record" -> record = true;
                default -> throw new UsageException("there is no option \"%s\"".formatted(args[i]));
            }
        }
        if (result != null && (mode != null || record || !only.isEmpty())) {
            throw new UsageException("--result measures nothing, so only --baseline goes with it");
        }
        if (record && !only.isEmpty()) {
            throw new UsageException("--record writes a whole baseline, so --only does not go with it");
        }
        return new CompareArguments(mode == null ? Suite.Mode.QUICK : mode, only, result, baseline, record);
    }

    private static String value(String[] args, int option) {
        if (option + 1 == args.length) {
            throw new UsageException(args[option] + " needs a value");
        }
        return args[option + 1];
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException("\"%s\" is no path: %s".formatted(text, e.getReason()));
        }
    }

    Path baseline() {
        return chosenBaseline == null ? Benchmarks.folder().resolveSibling("baseline.json") : chosenBaseline;
    }

    List<Trial> trials() {
        List<Trial> trials = Suite.trials(mode).stream()
                .filter(trial -> trial.isYardstick() || trial.subject().contains(only))
                .toList();
        if (trials.stream().allMatch(Trial::isYardstick)) {
            throw new UsageException("nothing contains \"%s\"; the names are %s"
                    .formatted(
                            only,
                            Suite.trials(mode).stream().map(Trial::subject).collect(Collectors.joining(", "))));
        }
        return trials;
    }
}
