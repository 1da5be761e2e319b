package kawi.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import kawi.KernelSupport;

/**
 * The training run for the JVM's ahead-of-time cache, with which the launcher starts later processes. It executes the
 * common commands with their output discarded. Code that they need at startup must run here: a file is opened, a
 * template is rendered, the kernels of every tier run, tokens are sampled. A command that fails ends the run.
 */
final class TrainingRun {

    private TrainingRun() {}

    public static void main(String[] args) throws IOException {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        Path file = Files.createTempFile("kawi-training", ".gguf");
        try {
            String model = file.toString();
            run("make-random", "tiny", model, "--force", "--type", "Q4_0");
            for (KernelSupport.Tier tier : KernelSupport.detect().tiers()) {
                if (tier.available()) {
                    run("run", "-m", model, "--kernels", tier.name(), "-n", "8", "Hello");
                }
            }
            run("run", "-n", "24", "--temperature", "0.8", "--top-k", "20", "--seed", "1", "Tell me a story.");
            run("run", "-n", "24", "--raw", "--temperature", "0", "--stop", "never", "Once upon a time");
            runWithInput("Tell me a story.\n/stats\n", "chat", "-n", "8");
            run("bench", "-m", model, "-p", "32", "-n", "8", "-r", "1");
            run("tokenize", "Once upon a time");
            run("inspect", model);
            run("--help");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void run(String... arguments) {
        runWithInput("", arguments);
    }

    private static void runWithInput(String input, String... arguments) {
        InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        OutputStream discarded = OutputStream.nullOutputStream();
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int code = Kawi.execute(new Terminal(in, discarded, messages, false, System.getenv()), arguments);
        if (code != Kawi.SUCCESS) {
            throw new IllegalStateException("kawi %s ended with exit code %d: %s"
                    .formatted(String.join(" ", arguments), code, messages.toString(StandardCharsets.UTF_8)));
        }
    }
}
