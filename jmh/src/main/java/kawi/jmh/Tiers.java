package kawi.jmh;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import kawi.compute.InstructionSets;
import kawi.compute.TierChoice;
import kawi.kernels.Kernels;
import kawi.kernels.assembled.InstructionSet;

/**
 * Determines which tiers and instruction sets can be measured on this machine. This is done in another JVM with the
 * flags of the benchmarks, because the vector tier is not available without them.
 */
public final class Tiers {

    static final String VECTOR_FLAG = "--add-modules=jdk.incubator.vector";
    static final String NATIVE_FLAG = "--enable-native-access=ALL-UNNAMED";

    static final String SCALAR = "scalar";
    static final String VECTOR = "vector";
    static final String ASSEMBLED = "assembled";

    /** The names of all tiers, the slowest first. */
    static final List<String> NAMES = List.of(SCALAR, VECTOR, ASSEMBLED);

    private static final String AVAILABLE = "available";
    private static final String UNAVAILABLE = "unavailable";
    private static final String LEVELS = "levels";
    private static final String SEPARATOR = "\t";

    private Tiers() {}

    /**
     * The availability of a tier.
     *
     * @param tier the name of the tier
     * @param available whether the tier is available
     * @param sentence a description of the tier, or the reason why it is not available
     */
    record Finding(String tier, boolean available, String sentence) {

        /** The tier with what its speed depends on: {@code scalar}, {@code vector512}, {@code assembled}. */
        String label() {
            return tier.equals(VECTOR) && available ? VECTOR + sentence.replaceFirst("-bit.*", "") : tier;
        }
    }

    /**
     * What can be measured.
     *
     * @param tiers all tiers
     * @param levels the instruction sets that the CPU has, best first
     * @param level the one that is used, or empty if the assembled tier is not available
     */
    record Report(List<Finding> tiers, List<String> levels, String level) {

        List<Finding> available() {
            return tiers.stream().filter(Finding::available).toList();
        }
    }

    /**
     * Returns the kernels of the tier {@code name}, which are valid as long as {@code arena}.
     *
     * @throws UnsupportedOperationException if the tier is not available
     */
    static Kernels kernels(String name, Arena arena) {
        return TierChoice.kernels(TierChoice.choose(name).tier(), arena);
    }

    /**
     * Starts a JVM with the flags of the benchmarks and returns what it finds.
     *
     * @param flags further flags
     */
    static Report find(List<String> flags) throws IOException {
        Process process = new ProcessBuilder(ForkedJvm.command(flags, Tiers.class.getName(), List.of()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            return parse(lines.lines().toList());
        }
    }

    /**
     * Reads what {@link #main} prints.
     *
     * @throws IOException if it is not complete
     */
    static Report parse(List<String> lines) throws IOException {
        List<Finding> findings = new ArrayList<>();
        List<String> levels = List.of();
        String level = "";
        for (String line : lines) {
            String[] parts = line.split(SEPARATOR, 3);
            if (parts.length == 3 && NAMES.contains(parts[0])) {
                findings.add(new Finding(parts[0], parts[1].equals(AVAILABLE), parts[2]));
            } else if (parts.length == 3 && parts[0].equals(LEVELS)) {
                level = parts[1];
                levels = parts[2].isEmpty() ? List.of() : List.of(parts[2].split(",", -1));
            }
        }
        if (findings.size() != NAMES.size()) {
            throw new IOException("the JVM that determines the available tiers failed; it printed " + lines);
        }
        return new Report(findings, levels, level);
    }

    static void print(List<Finding> findings, PrintStream out) {
        for (Finding finding : findings) {
            out.println(
                    finding.available()
                            ? "tier %s: %s".formatted(finding.tier(), finding.sentence())
                            : "tier %s is NOT AVAILABLE: %s".formatted(finding.tier(), finding.sentence()));
        }
    }

    /** The main method of the other JVM, which prints one line for each tier, and one for the instruction sets. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        String level = "";
        for (String name : NAMES) {
            String verdict = AVAILABLE;
            String sentence;
            try (Arena arena = Arena.ofShared()) {
                sentence = TierChoice.choose(name).reason();
                kernels(name, arena);
                level = name.equals(ASSEMBLED) ? InstructionSets.chosen().label() : level;
            } catch (RuntimeException | LinkageError e) {
                verdict = UNAVAILABLE;
                sentence = String.valueOf(e.getMessage());
            }
            out.println(String.join(SEPARATOR, name, verdict, sentence.replaceAll("\\s+", " ")));
        }
        out.println(String.join(
                SEPARATOR,
                LEVELS,
                level,
                InstructionSets.usable().stream().map(InstructionSet::label).collect(Collectors.joining(","))));
    }
}
