package kawi.jmh;

import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kawi.compute.TierChoice;

/**
 * The main class of the JVM that measures. It takes the budget of a measurement in milliseconds, and then tiers and
 * subjects: {@code assembled,vector} and {@code Row.rmsNorm tokens=64}, and so on in pairs. It prints one line for each
 * measurement as soon as it is complete:
 *
 * <pre>
 *    subject TAB tier TAB speed
 *    subject TAB tier TAB failed TAB reason
 * </pre>
 */
public final class Measuring {

    static final String SEPARATOR = "\t";
    static final String FAILED = "failed";

    private Measuring() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofShared()) {
            Stopwatch stopwatch = new Stopwatch(
                    TierChoice.choose("auto").kernels(arena).rows(), arena, Long.parseLong(args[0]) * 1_000_000);
            for (int i = 1; i < args.length; i += 2) {
                Trial trial = Suite.trial(args[i + 1]);
                for (String tier : args[i].split(",", -1)) {
                    out.println(String.join(SEPARATOR, args[i + 1], tier, measured(trial, tier, stopwatch)));
                }
            }
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // to the log of the JVM that started this one
    private static String measured(Trial trial, String tier, Stopwatch stopwatch) {
        try (Trial.Work work = trial.open(tier)) {
            return String.valueOf(stopwatch.speed(work::run, trial.warmUpNanos(tier)));
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            return FAILED + SEPARATOR + String.valueOf(e).replaceAll("\\s+", " ");
        }
    }

    /** The arguments for these trials in these tiers. */
    static List<String> arguments(long budgetMillis, List<Trial> trials, List<String> tiers) {
        List<String> arguments = new ArrayList<>();
        arguments.add(String.valueOf(budgetMillis));
        for (Trial trial : trials) {
            arguments.add(String.join(",", tiers));
            arguments.add(trial.subject());
        }
        return arguments;
    }
}
