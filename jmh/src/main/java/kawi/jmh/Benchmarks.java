package kawi.jmh;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.Main;

/**
 * What {@code java -jar benchmarks.jar} runs: {@code compare}, see {@link Compare}, or JMH with the tiers there are.
 */
public final class Benchmarks {

    private Benchmarks() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals("compare")) {
            Compare.main(Arrays.copyOfRange(args, 1, args.length));
        } else {
            Main.main(choosesTiers(args) ? args : withTiers(args));
        }
    }

    private static boolean choosesTiers(String[] args) {
        return Arrays.stream(args).anyMatch(arg -> arg.matches("(-p)?tier=.*"));
    }

    private static String[] withTiers(String[] args) throws IOException {
        List<Tiers.Finding> findings = Tiers.find();
        Tiers.print(findings, System.out);
        return Stream.concat(
                        Arrays.stream(args), Stream.of("-p", "tier=" + String.join(",", Tiers.available(findings))))
                .toArray(String[]::new);
    }

    /** The folder of the jar, or of the classes, that this program is run from: jmh's target folder. */
    static Path folder() {
        try {
            Path program = Path.of(Benchmarks.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return program.resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the benchmarks do not know where they were loaded from", e);
        }
    }
}
