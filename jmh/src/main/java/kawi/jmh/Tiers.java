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
 * Which tiers can be measured here. A JVM that was started without a benchmark's flags would say that there is no
 * vector tier, so another JVM is asked.
 */
public final class Tiers {

    static final String VECTOR_FLAG = "--add-modules=jdk.incubator.vector";
    static final String NATIVE_FLAG = "--enable-native-access=ALL-UNNAMED";

    static final String SCALAR = "scalar";

    /** All names, slowest first. */
    static final List<String> NAMES = List.of(SCALAR, "vector", "assembled");

    private static final String AVAILABLE = "available";
    private static final String LEFT_OUT = "left out";
    private static final String SEPARATOR = "\t";

    private Tiers() {}

    /**
     * What there is to say about a tier.
     *
     * @param sentence what it is made of, or why it cannot be had
     */
    record Finding(String tier, boolean available, String sentence) {}

    /**
     * The kernels of the tier called {@code name}, which may be one that cannot be had; they live as long as
     * {@code arena}.
     */
    static Kernels kernels(String name, Arena arena) {
        return TierChoice.kernels(TierChoice.choose(name).tier(), arena);
    }

    /** Asks a JVM with a benchmark's flags, one finding for each tier. */
    static List<Finding> find() throws IOException {
        Process asked = new ProcessBuilder(ForkedJvm.command(Tiers.class.getName(), List.of()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<Finding> findings = new ArrayList<>();
        try (var lines = asked.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split(SEPARATOR, 3);
                if (parts.length == 3 && NAMES.contains(parts[0])) {
                    findings.add(new Finding(parts[0], parts[1].equals(AVAILABLE), parts[2]));
                }
            }
        }
        if (findings.size() != NAMES.size()) {
            throw new IOException("asking another JVM for the tiers of kernels gave no answer: " + asked.info());
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
                            : "tier %s is LEFT OUT: %s".formatted(finding.tier(), finding.sentence()));
        }
    }

    /** The JVM that is asked. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String name : NAMES) {
            String verdict = AVAILABLE;
            String sentence;
            try (Arena arena = Arena.ofShared()) {
                sentence = TierChoice.choose(name).reason();
                kernels(name, arena);
            } catch (RuntimeException | LinkageError e) {
                verdict = LEFT_OUT;
                sentence = String.valueOf(e.getMessage());
            }
            out.println(String.join(SEPARATOR, name, verdict, sentence.replaceAll("\\s+", " ")));
        }
    }
}
