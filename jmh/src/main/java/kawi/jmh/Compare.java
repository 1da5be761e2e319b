package kawi.jmh;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Compares a run of the benchmarks with the baseline and fails if something got slower.
 *
 * <p>A loss is measured once more, with its yardsticks, before it is believed: on a machine that does something else
 * meanwhile, a single short measurement is off by more than what a loss is.
 */
public final class Compare {

    static final int PASSED = 0;
    static final int LOST = 1;
    static final int MISUSED = 2;

    private static final String USAGE = """
            usage: java -jar jmh/target/benchmarks.jar compare [OPTIONS]

              --quick          a part of the suite, some minutes (default)
              --full           all of it, about an hour
              --only TEXT      only benchmarks whose name and parameters contain TEXT
              --result FILE    measures nothing, but takes a result of JMH (-rf json)
              --baseline FILE  default: baseline.json in the folder jmh
              --record         writes the baseline instead of comparing with it

            exit code: 0 nothing got lost, 1 something did, 2 the comparison could not be made
            """;

    private Compare() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(execute(args, out, System.err));
    }

    /** Does what the arguments say and returns the exit code. */
    static int execute(String[] args, PrintStream out, PrintStream err) {
        if (List.of(args).contains("--help")) {
            out.print(USAGE);
            return PASSED;
        }
        try {
            Arguments arguments = Arguments.parse(args);
            if (arguments.result != null) {
                return judge(arguments, arguments.result, out);
            }
            return arguments.record ? record(arguments, out) : compare(arguments, out);
        } catch (UsageException e) {
            err.println("compare: " + e.getMessage());
            err.print(USAGE);
            return MISUSED;
        } catch (IllegalArgumentException | IOException | RunnerException e) {
            err.println("compare: " + e.getMessage());
            return MISUSED;
        }
    }

    /** Of the ratios in the baseline only those that the file has can be judged. */
    private static int judge(Arguments arguments, Path result, PrintStream out) {
        Baseline baseline = Baseline.read(arguments.baseline());
        return verdict(Comparison.of(baseline.ratios(), Ratio.of(JmhResult.read(result)), ratio -> false), out);
    }

    private static int compare(Arguments arguments, PrintStream out) throws IOException, RunnerException {
        Baseline baseline = Baseline.read(arguments.baseline());
        out.printf(
                "baseline of %s, %s, on %s, JDK %s%n",
                baseline.date(), baseline.mode(), baseline.machine(), baseline.jdk());
        if (!baseline.machine().equals(Machine.kind())) {
            out.printf("this is %s: on another kind of machine a difference may mean nothing%n", Machine.kind());
        }
        if (!baseline.jdk().equals(Machine.jdk())) {
            out.printf("this is JDK %s: a difference may be the compiler's%n", Machine.jdk());
        }
        List<Trial> trials = arguments.trials();
        Run run = run(arguments, Tiers.find(), out);
        SortedMap<Ratio, Double> now = run.measure(trials);
        Set<String> planned = trials.stream().map(Trial::subject).collect(Collectors.toSet());
        Comparison first = Comparison.of(baseline.ratios(), now, ratio -> planned.contains(ratio.subject()));
        return verdict(again(first, baseline, trials, run, now, planned, out), out);
    }

    private static Comparison again(
            Comparison first,
            Baseline baseline,
            List<Trial> trials,
            Run run,
            SortedMap<Ratio, Double> now,
            Set<String> planned,
            PrintStream out)
            throws IOException, RunnerException {
        Set<String> doubtful = first.with(Comparison.Verdict.LOSS).stream()
                .map(line -> line.ratio().subject())
                .collect(Collectors.toSet());
        if (doubtful.isEmpty()) {
            return first;
        }
        out.println("what looks like a loss, once more:");
        SortedMap<Ratio, Double> better = new TreeMap<>(now);
        run.measure(trials.stream()
                        .filter(trial -> trial.isYardstick() || doubtful.contains(trial.subject()))
                        .toList())
                .forEach((ratio, value) -> better.merge(ratio, value, Math::max));
        return Comparison.of(baseline.ratios(), better, ratio -> planned.contains(ratio.subject()));
    }

    private static int verdict(Comparison comparison, PrintStream out) {
        out.println();
        out.print(comparison.table());
        return comparison.passed() ? PASSED : LOST;
    }

    private static int record(Arguments arguments, PrintStream out) throws IOException, RunnerException {
        List<Tiers.Finding> findings = Tiers.find();
        SortedMap<Ratio, Double> ratios = run(arguments, findings, out).measure(arguments.trials());
        Map<String, String> tiers = new TreeMap<>();
        for (Tiers.Finding finding : findings) {
            if (finding.available()) {
                tiers.put(finding.tier(), finding.sentence());
            }
        }
        Baseline baseline = new Baseline(
                Machine.kind(),
                Machine.jdk(),
                LocalDate.now(ZoneOffset.UTC).toString(),
                arguments.mode.name().toLowerCase(Locale.ROOT),
                tiers,
                ratios);
        baseline.write(arguments.baseline());
        out.printf("%s: %d ratios%n", arguments.baseline(), ratios.size());
        return PASSED;
    }

    private static Run run(Arguments arguments, List<Tiers.Finding> findings, PrintStream out) throws IOException {
        Tiers.print(findings, out);
        return new Run(Tiers.available(findings), arguments.mode, Files.createTempDirectory("kawi-jmh-"), out);
    }

    /** The arguments make no sense; the message says why. */
    private static final class UsageException extends IllegalArgumentException {
        UsageException(String message) {
            super(message);
        }
    }

    private record Arguments(
            Suite.Mode mode,
            String only,
            @Nullable Path result,
            @Nullable Path chosenBaseline,
            boolean record) {

        static Arguments parse(String[] args) {
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
            return new Arguments(mode == null ? Suite.Mode.QUICK : mode, only, result, baseline, record);
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
}
