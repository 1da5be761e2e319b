package kawi.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The settings with which the answers of a folder were made, in a file of the folder that Spark ignores. Answers with
 * other settings are not added to them.
 */
final class AnswerSettings {

    private static final String FILE = "_kawi_settings";

    private AnswerSettings() {}

    /**
     * Writes the settings to a folder without them, and compares them with those of another.
     *
     * @throws IllegalArgumentException if they differ
     */
    static void check(String folder, AnswerPlan plan, Configuration configuration) throws IOException {
        List<String> settings = describe(plan);
        Path file = new Path(folder, FILE);
        FileSystem files = file.getFileSystem(configuration);
        if (files.exists(file)) {
            compare(folder, settings, read(files, file));
            return;
        }
        Path begun = new Path(folder, FILE + "_begun");
        files.mkdirs(file.getParent());
        try (OutputStream out = files.create(begun, true)) {
            out.write(String.join("\n", settings).getBytes(StandardCharsets.UTF_8));
        }
        if (!files.rename(begun, file)) {
            throw new IOException("cannot rename %s to %s".formatted(begun, file));
        }
    }

    private static List<String> read(FileSystem files, Path file) throws IOException {
        try (InputStream in = files.open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static void compare(String folder, List<String> settings, List<String> earlier) {
        for (int i = 0; i < settings.size(); i++) {
            String before = i < earlier.size() ? earlier.get(i) : "nothing";
            if (!settings.get(i).equals(before)) {
                throw new IllegalArgumentException(
                        "the answers in %s were made with \"%s\", not with \"%s\"; use another folder for other answers"
                                .formatted(folder, before, settings.get(i)));
            }
        }
    }

    /** A line for each setting that has a text; the options of a prompt and models without a name have none. */
    private static List<String> describe(AnswerPlan plan) {
        Answers answers = plan.answers();
        return List.of(
                "model: " + (answers.source() instanceof NamedModel named ? escaped(named.name()) : "unnamed"),
                "system: " + (answers.system() == null ? "none" : escaped(answers.system())),
                "prompt: " + escaped(answers.prompt()),
                "key: " + escaped(String.join(", ", answers.key())),
                "seed: " + answers.seed(),
                "maxTokens: " + answers.maxTokens(),
                "columns: " + escaped(plan.schema().toDDL()));
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }
}
