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
 * Compares a run of the benchmarks with the baseline and fails if a benchmark is slower.
 *
 * <p>A loss is measured a second time, together with the reference benchmarks, before it is reported, because on a
 * machine that is not idle a single short measurement may deviate by more than the tolerance.
 */
public final class Compare {

    static final int PASSED = 0;
    static final int LOST = 1;
    static final int FAILED = 2;

    private static final String USAGE = """
            usage: java -jar jmh/target/benchmarks.jar compare [OPTIONS]

              --quick          a part of the suite, several minutes (default)
              --full           the whole suite, about an hour
              --only TEXT      only benchmarks whose name and parameters contain TEXT
              --result FILE    compares a result file of JMH (-rf json) instead of measuring
              --baseline FILE  default: jmh/baseline.json
              --record         writes the baseline instead of comparing with it

            exit code: 0 no loss, 1 losses or missing ratios, 2 no comparison was possible
            """;

    private Compare() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(execute(args, out, System.err));
    }

    /** Executes the command and returns the exit code. */
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
            return FAILED;
        } catch (IllegalArgumentException | IOException | RunnerException e) {
            err.println("compare: " + e.getMessage());
            return FAILED;
        }
    }

    /** Compares a result file; ratios of the baseline that the file does not contain are ignored. */
    private static int judge(CompareArguments arguments, Path result, PrintStream out) {
        Baseline baseline = Baseline.read(arguments.baseline());
        return verdict(Comparison.of(baseline.ratios(), Ratio.of(JmhResult.read(result)), ratio -> false), out);
    }

    private static int compare(CompareArguments arguments, PrintStream out) throws IOException, RunnerException {
        Baseline baseline = Baseline.read(arguments.baseline());
        out.printf(
                "baseline: %s, %s, %s, JDK %s%n", baseline.date(), baseline.mode(), baseline.machine(), baseline.jdk());
        if (!baseline.machine().equals(Machine.kind())) {
            out.printf(
                    "this machine: %s; differences between kinds of machines may not be significant%n", Machine.kind());
        }
        if (!baseline.jdk().equals(Machine.jdk())) {
            out.printf("this JDK: %s; differences may be caused by the JIT compiler%n", Machine.jdk());
        }
        List<Trial> trials = arguments.trials();
        Run run = run(arguments, Tiers.find(), out);
        Set<String> planned = trials.stream().map(Trial::subject).collect(Collectors.toSet());
        SortedMap<Ratio, Double> now = run.measure(trials);
        Comparison first = Comparison.of(baseline.ratios(), now, ratio -> planned.contains(ratio.subject()));
        List<Trial> repeated = trials.stream()
                .filter(trial -> trial.isReference() || first.hasLossOf(trial.subject()))
                .toList();
        if (repeated.stream().allMatch(Trial::isReference)) {
            return verdict(first, out);
        }
        out.println("measuring losses again:");
        run.measure(repeated).forEach((ratio, value) -> now.merge(ratio, value, Math::max));
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
            throw new IOException("no baseline was written, because %d benchmarks failed".formatted(run.failures()));
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
