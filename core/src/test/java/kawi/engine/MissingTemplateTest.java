package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import kawi.Model;
import org.junit.jupiter.api.Test;

/** A model without a chat template continues prompts as text, and says so once. */
class MissingTemplateTest {

    private static final String WARNING = "has no chat template, so a prompt is continued as text";

    /** The demo model with another key in place of that of the chat template. */
    private static byte[] withoutTemplate() throws IOException {
        String bytes = new String(DemoConversations.gguf(), StandardCharsets.ISO_8859_1);
        return bytes.replace("tokenizer.chat_template", "tokenizer.chat_unknown0")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static int warnings(boolean raw) throws IOException {
        var log = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try (Model model = Model.loader(withoutTemplate(), "untold.gguf").load()) {
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
    void aPromptThatIsContinuedIsReportedOnce() throws IOException {
        assertEquals(1, warnings(false));
    }

    @Test
    void aRawPromptIsWhatItSays() throws IOException {
        assertEquals(0, warnings(true));
    }
}
