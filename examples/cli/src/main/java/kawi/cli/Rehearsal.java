package kawi.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import kawi.compute.KernelTier;

/**
 * What commands do, done once and shown to nobody: the JVM watches it and writes what it has learnt into the cache with which the launcher starts later
 * processes. All that usual commands need has to happen here: a file is mapped, a template rendered, every tier's kernels run, tokens are drawn.
 */
final class Rehearsal {

    private Rehearsal() {}

    public static void main(String[] args) throws IOException {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        Path file = Files.createTempFile("kawi-rehearsal", ".gguf");
        try {
            play("make-random", "tiny", file.toString(), "--type", "Q4_0");
            String model = file.toString();
            for (KernelTier tier : KernelTier.values()) {
                // A tier that cannot be had here ends with a sentence that nobody sees.
                play("run", "-m", model, "--kernels", tier.name().toLowerCase(Locale.ROOT), "-n", "8", "Hello");
            }
            play("run", "-n", "24", "--temperature", "0.8", "--top-k", "20", "--seed", "1", "Tell me a story.");
            play("run", "-n", "24", "--raw", "--temperature", "0", "--stop", "never", "Once upon a time");
            talk("Tell me a story.\n/stats\n", "chat", "-n", "8");
            play("bench", "-m", model, "-p", "32", "-n", "8", "-r", "1");
            play("tokenize", "Once upon a time");
            play("inspect", model);
            play("--help");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void play(String... arguments) {
        talk("", arguments);
    }

    private static void talk(String input, String... arguments) {
        InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        PrintWriter nobody = new PrintWriter(Writer.nullWriter());
        Kawi.execute(new Terminal(in, nobody, nobody, false), arguments);
    }
}
