package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import kawi.Model;
import kawi.gguf.GgufEdit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model without a chat template continues prompts as text, and says so once. */
class MissingTemplateTest {

    private static final String WARNING = "has no chat template, so a prompt is continued as text";

    private static final Path DEMO = Path.of("../examples/demo-model/src/main/resources/kawi/demo/demo-q8_0.gguf");

    @TempDir
    Path folder;

    private int warnings(boolean raw) {
        Path file = GgufEdit.of(DEMO).remove("tokenizer.chat_template").writeTo(folder.resolve("untold.gguf"));
        var log = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try (Model model = Model.load(file)) {
            for (int i = 0; i < 2; i++) {
                var prompt = model.prompt("Once upon a time").maxTokens(2);
                assertEquals(2, (raw ? prompt.raw() : prompt).generate().usage().completionTokens());
            }
        } finally {
            System.setErr(before);
        }
        String text = log.toString(StandardCharsets.UTF_8);
        return (text.length() - text.replace(WARNING, "").length()) / WARNING.length();
    }

    @Test
    void aPromptThatIsContinuedIsReportedOnce() {
        assertEquals(1, warnings(false));
    }

    @Test
    void aRawPromptIsWhatItSays() {
        assertEquals(0, warnings(true));
    }
}
