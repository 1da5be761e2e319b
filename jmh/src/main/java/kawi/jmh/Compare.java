package kawi.jmh;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Compares the speed of the kernels with the baseline of the instruction set that is used, and fails if one is slower.
 *
 * <p>A loss is measured again, in a new JVM with more time, before it is reported.
 */
public final class Compare {

    static final int PASSED = 0;
    static final int LOST = 1;
    static final int FAILED = 2;

    /** Selects the instruction set. */
    static final String LEVEL_PROPERTY = "kawi.isa";

    private static final long BUDGET_MILLIS = 150;

    /** The time of measurements that are repeated. */
    private static final long CAREFUL_BUDGET_MILLIS = 400;

    /** How often a loss is measured again. */
    private static final int REPETITIONS = 3;

    /** How often a baseline is measured; the best speed counts, as in a comparison. */
    private static final int RECORDED_RUNS = 3;

    private static final String USAGE = """
            usage: java -jar jmh/target/benchmarks.jar compare [OPTIONS]

              --quick          a part of the suite, a few minutes (default)
              --full           the whole suite
              --only TEXT      only benchmarks whose name and parameters contain TEXT
              --tier NAME      only one tier: scalar, vector or assembled
              --baseline FILE  default: jmh/baselines/INSTRUCTION-SET.json
              --record         writes baselines for all instruction sets of this machine instead of comparing;
                               with --only or --tier, only these measurements of them

            exit code: 0 no loss, 1 losses or missing measurements, 2 no comparison was possible
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
            Tiers.Report tiers = Tiers.find(List.of());
            if (tiers.level().isEmpty()) {
                Tiers.print(tiers.tiers(), err);
                throw new IllegalArgumentException("there is no baseline without the assembled tier");
            }
            return arguments.record()
                    ? recordAll(arguments, tiers, out)
                    : compare(arguments, Tiers.find(flags(tiers.level())), out);
        } catch (CompareArguments.UsageException e) {
            err.println("compare: " + e.getMessage());
            err.print(USAGE);
            return FAILED;
        } catch (IllegalArgumentException | IOException e) {
            err.println("compare: " + e.getMessage());
            return FAILED;
        }
    }

    private static int compare(CompareArguments arguments, Tiers.Report report, PrintStream out) throws IOException {
        String level = report.level();
        Path file = arguments.baseline(level);
        Baseline baseline = Baseline.read(file, level);
        boolean sameKind = baseline.machine().equals(Machine.kind());
        out.printf("baseline %s of %s, %s, JDK %s%n", level, baseline.date(), baseline.machine(), baseline.jdk());
        if (!sameKind) {
            out.printf(
                    "this CPU is of another kind (%s), so only losses above %.0f %% count; to find smaller ones, "
                            + "record a baseline with the unchanged program (compare --record)%n",
                    Machine.kind(), 100 * Comparison.TOLERANCE_OF_KINDS);
        }
        if (!baseline.jdk().equals(Machine.jdk())) {
            out.printf("this JDK is %s; differences of the scalar and vector tiers may be due to it%n", Machine.jdk());
        }
        Comparison comparison =
                new Comparison(baseline.speeds(), sameKind ? Comparison.TOLERANCE : Comparison.TOLERANCE_OF_KINDS);
        List<Trial> trials = arguments.trials();
        List<Tiers.Finding> chosen = arguments.chosen(report.tiers());
        for (Tiers.Finding tier : chosen) {
            if (!tier.available()) {
                out.printf("tier %s is not available: %s%n", tier.tier(), tier.sentence());
                trials.forEach(trial -> comparison.addMissing(new Measurement(trial.subject(), tier.label())));
            }
        }
        List<Tiers.Finding> available =
                chosen.stream().filter(Tiers.Finding::available).toList();
        out.println(Comparison.head());
        Run.Results all = results(comparison, out, what -> out.println(comparison.line(what)));
        new Run(flags(level), available, BUDGET_MILLIS).measure(trials, names(available), all);
        Run.Results repeated = results(comparison, out, _ -> {});
        Run careful = new Run(flags(level), available, CAREFUL_BUDGET_MILLIS);
        for (int i = 0; i < REPETITIONS; i++) {
            List<Measurement> lost = comparison.with(Comparison.Verdict.LOSS);
            if (lost.isEmpty()) {
                break;
            }
            out.printf("losses, measured again: %d%n", lost.size());
            for (Tiers.Finding tier : available) {
                List<Trial> again = trials.stream()
                        .filter(trial -> lost.contains(new Measurement(trial.subject(), tier.label())))
                        .toList();
                if (!again.isEmpty()) {
                    careful.measure(again, List.of(tier.tier()), repeated);
                }
            }
        }
        comparison.with(Comparison.Verdict.LOSS).forEach(lost -> out.println(comparison.line(lost)));
        out.println(comparison.summary());
        return comparison.passed() ? PASSED : LOST;
    }

    private static List<String> names(List<Tiers.Finding> tiers) {
        return tiers.stream().map(Tiers.Finding::tier).toList();
    }

    private static Run.Results results(Comparison comparison, PrintStream out, Consumer<Measurement> show) {
        return new Run.Results() {
            @Override
            public void measured(Measurement what, double speed) {
                comparison.add(what, speed);
                show.accept(what);
            }

            @Override
            public void failed(Measurement what, String reason) {
                comparison.addMissing(what);
                out.printf("%s %s failed: %s%n", what.subject(), what.tier(), reason);
            }
        };
    }

    /**
     * The flags of a JVM that uses an instruction set; without AVX-512, the JVM does not use it either, as on a CPU
     * that lacks it.
     */
    static List<String> flags(String level) {
        List<String> flags = new ArrayList<>(List.of("-D%s=%s".formatted(LEVEL_PROPERTY, level)));
        if (level.startsWith("avx2")) {
            flags.add("-XX:UseAVX=2");
        }
        return flags;
    }

    /** Records the baselines of all instruction sets, or of the one that a property or the file selects. */
    private static int recordAll(CompareArguments arguments, Tiers.Report report, PrintStream out) throws IOException {
        boolean one = arguments.chosenBaseline() != null || System.getProperty(LEVEL_PROPERTY) != null;
        for (String level : one ? List.of(report.level()) : report.levels()) {
            record(level, arguments, out);
        }
        return PASSED;
    }

    private static void record(String level, CompareArguments arguments, PrintStream out) throws IOException {
        List<Tiers.Finding> tiers = arguments.chosen(Tiers.find(flags(level)).available());
        Run run = new Run(flags(level), tiers, BUDGET_MILLIS);
        SortedMap<Measurement, Double> speeds = new TreeMap<>();
        TreeSet<Measurement> failed = new TreeSet<>();
        for (int i = 1; i <= RECORDED_RUNS; i++) {
            out.printf("%s: run %d of %d%n", level, i, RECORDED_RUNS);
            run.measure(arguments.trials(), names(tiers), new Run.Results() {
                @Override
                public void measured(Measurement what, double speed) {
                    speeds.merge(what, speed, Math::max);
                }

                @Override
                public void failed(Measurement what, String reason) {
                    failed.add(what);
                    out.printf("%s %s failed: %s%n", what.subject(), what.tier(), reason);
                }
            });
        }
        if (!failed.isEmpty()) {
            throw new IOException("no baseline was written, because %d measurements failed".formatted(failed.size()));
        }
        Path file = arguments.baseline(level);
        SortedMap<Measurement, Double> all = new TreeMap<>(
                arguments.isPartial() && Files.exists(file)
                        ? Baseline.read(file, level).speeds()
                        : Map.of());
        all.putAll(speeds);
        new Baseline(
                        level,
                        Machine.kind(),
                        Machine.jdk(),
                        LocalDate.now(ZoneOffset.UTC).toString(),
                        all)
                .write(file);
        out.printf("%s: %d measurements, %d of them new%n", file, all.size(), speeds.size());
    }
}
