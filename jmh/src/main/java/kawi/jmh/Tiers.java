package kawi.jmh;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kawi.compute.TierChoice;
import kawi.kernels.Kernels;

/**
 * Determines which tiers can be measured on this machine. This is done in another JVM with the flags of the benchmarks,
 * because the vector tier is not available without them.
 */
public final class Tiers {

    static final String VECTOR_FLAG = "--add-modules=jdk.incubator.vector";
    static final String NATIVE_FLAG = "--enable-native-access=ALL-UNNAMED";

    static final String SCALAR = "scalar";

    /** The names of all tiers, the slowest first. */
    static final List<String> NAMES = List.of(SCALAR, "vector", "assembled");

    private static final String AVAILABLE = "available";
    private static final String UNAVAILABLE = "unavailable";
    private static final String SEPARATOR = "\t";

    private Tiers() {}

    /**
     * The availability of a tier.
     *
     * @param tier the name of the tier
     * @param available whether the tier is available
     * @param sentence a description of the tier, or the reason why it is not available
     */
    record Finding(String tier, boolean available, String sentence) {}

    /**
     * Returns the kernels of the tier {@code name}, which are valid as long as {@code arena}.
     *
     * @throws UnsupportedOperationException if the tier is not available
     */
    static Kernels kernels(String name, Arena arena) {
        return TierChoice.kernels(TierChoice.choose(name).tier(), arena);
    }

    /** Starts a JVM with the flags of the benchmarks and returns one finding for each tier. */
    static List<Finding> find() throws IOException {
        Process process = new ProcessBuilder(ForkedJvm.command(Tiers.class.getName(), List.of()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<Finding> findings = new ArrayList<>();
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(SEPARATOR, 3);
                if (parts.length == 3 && NAMES.contains(parts[0])) {
                    findings.add(new Finding(parts[0], parts[1].equals(AVAILABLE), parts[2]));
                }
            }
        }
        if (findings.size() != NAMES.size()) {
            throw new IOException("the JVM that determines the available tiers failed: " + process.info());
        }
        return findings;
    }

    static List<String> available(List<Finding> findings) {
        return findings.stream().filter(Finding::available).map(Finding::tier).toList();
    }

    static void print(List<Finding> findings, PrintStream out) {
        for (Finding finding : findings) {
            out.println(
                    finding.available()
                            ? "tier %s: %s".formatted(finding.tier(), finding.sentence())
                            : "tier %s is NOT AVAILABLE: %s".formatted(finding.tier(), finding.sentence()));
        }
    }

    /** The main method of the other JVM, which prints one line for each tier. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String name : NAMES) {
            String verdict = AVAILABLE;
            String sentence;
            try (Arena arena = Arena.ofShared()) {
                sentence = TierChoice.choose(name).reason();
                kernels(name, arena);
            } catch (RuntimeException | LinkageError e) {
                verdict = UNAVAILABLE;
                sentence = String.valueOf(e.getMessage());
            }
            out.println(String.join(SEPARATOR, name, verdict, sentence.replaceAll("\\s+", " ")));
        }
    }
}
