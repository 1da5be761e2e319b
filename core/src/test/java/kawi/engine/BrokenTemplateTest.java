package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import kawi.Message;
import kawi.Model;
import kawi.ModelFileException;
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose chat template cannot be parsed says so when it is loaded, and can be given raw prompts. */
class BrokenTemplateTest {

    private static final Path DEMO = Path.of("../examples/demo-model/src/main/resources/kawi/demo/demo-q8_0.gguf");

    private static final long MAX_WAIT_NANOS = 60_000_000_000L;

    @TempDir
    Path folder;

    @Test
    void isReportedWhenTheModelIsLoaded() throws InterruptedException {
        Path file = GgufEdit.of(DEMO)
                .put("tokenizer.chat_template", MetadataType.STRING, "{% if messages %}")
                .writeTo(folder.resolve("broken.gguf"));
        var log = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try (Model model = Model.load(file)) {
            assertEquals(
                    2,
                    model.prompt("Once upon a time")
                            .raw()
                            .maxTokens(2)
                            .generate()
                            .usage()
                            .completionTokens());
            List<Message> messages = List.of(Message.user("Hello"));
            assertThrows(ModelFileException.class, () -> model.prompt(messages));
            assertThrows(ModelFileException.class, () -> model.prompt(messages));
            // The template is parsed in the background.
            long end = System.nanoTime() + MAX_WAIT_NANOS;
            while (!warned(log) && System.nanoTime() < end) {
                Thread.sleep(10);
            }
        } finally {
            System.setErr(before);
        }
        assertTrue(warned(log), log.toString(StandardCharsets.UTF_8));
    }

    private static boolean warned(ByteArrayOutputStream log) {
        return log.toString(StandardCharsets.UTF_8)
                .contains("only raw prompts and token ids can be given to this model");
    }
}
