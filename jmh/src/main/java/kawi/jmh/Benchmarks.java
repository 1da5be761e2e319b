package kawi.jmh;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.Main;

/**
 * The main class of {@code benchmarks.jar}: runs {@link Compare} if the first argument is {@code compare}, or else JMH
 * with the available tiers.
 */
public final class Benchmarks {

    private Benchmarks() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals("compare")) {
            Compare.main(Arrays.copyOfRange(args, 1, args.length));
        } else {
            Main.main(specifiesTiers(args) ? args : withTiers(args));
        }
    }

    private static boolean specifiesTiers(String[] args) {
        return Arrays.stream(args).anyMatch(arg -> arg.matches("(-p)?tier=.*"));
    }

    private static String[] withTiers(String[] args) throws IOException {
        Tiers.Report tiers = Tiers.find(List.of());
        Tiers.print(tiers.tiers(), System.out);
        String available = tiers.available().stream().map(Tiers.Finding::tier).collect(Collectors.joining(","));
        return Stream.concat(Arrays.stream(args), Stream.of("-p", "tier=" + available))
                .toArray(String[]::new);
    }

    /**
     * The directory that contains the running jar or classes directory, that is, the target directory of module jmh.
     */
    static Path folder() {
        try {
            Path program = Path.of(Benchmarks.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return program.resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("cannot determine the location of the benchmarks", e);
        }
    }
}
