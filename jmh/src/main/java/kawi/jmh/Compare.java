package kawi.jmh;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
            CompareArguments arguments = CompareArguments.parse(args);
            if (arguments.result() != null) {
                return judge(arguments, arguments.result(), out);
            }
            return arguments.record() ? record(arguments, out) : compare(arguments, out);
        } catch (CompareArguments.UsageException e) {
            err.println("compare: " + e.getMessage());
            err.print(USAGE);
            return MISUSED;
        } catch (IllegalArgumentException | IOException | RunnerException e) {
            err.println("compare: " + e.getMessage());
            return MISUSED;
        }
    }

    /** Of the ratios in the baseline only those that the file has can be judged. */
    private static int judge(CompareArguments arguments, Path result, PrintStream out) {
        Baseline baseline = Baseline.read(arguments.baseline());
        return verdict(Comparison.of(baseline.ratios(), Ratio.of(JmhResult.read(result)), ratio -> false), out);
    }

    private static int compare(CompareArguments arguments, PrintStream out) throws IOException, RunnerException {
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
        Set<String> planned = trials.stream().map(Trial::subject).collect(Collectors.toSet());
        SortedMap<Ratio, Double> now = run.measure(trials);
        Comparison first = Comparison.of(baseline.ratios(), now, ratio -> planned.contains(ratio.subject()));
        List<Trial> doubtful = trials.stream()
                .filter(trial -> trial.isYardstick() || first.hasLossOf(trial.subject()))
                .toList();
        if (doubtful.stream().allMatch(Trial::isYardstick)) {
            return verdict(first, out);
        }
        out.println("what looks like a loss, once more:");
        run.measure(doubtful).forEach((ratio, value) -> now.merge(ratio, value, Math::max));
        return verdict(Comparison.of(baseline.ratios(), now, ratio -> planned.contains(ratio.subject())), out);
    }

    private static int verdict(Comparison comparison, PrintStream out) {
        out.println();
        out.print(comparison.table());
        return comparison.passed() ? PASSED : LOST;
    }

    private static int record(CompareArguments arguments, PrintStream out) throws IOException, RunnerException {
        List<Tiers.Finding> findings = Tiers.find();
        Run run = run(arguments, findings, out);
        SortedMap<Ratio, Double> ratios = run.measure(arguments.trials());
        if (run.failures() > 0) {
            throw new IOException("%d benchmarks failed, so no baseline was written".formatted(run.failures()));
        }
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
                arguments.mode().name().toLowerCase(Locale.ROOT),
                tiers,
                ratios);
        baseline.write(arguments.baseline());
        out.printf("%s: %d ratios%n", arguments.baseline(), ratios.size());
        return PASSED;
    }

    private static Run run(CompareArguments arguments, List<Tiers.Finding> findings, PrintStream out) {
        Tiers.print(findings, out);
        return new Run(Tiers.available(findings), arguments.mode(), out);
    }
}
