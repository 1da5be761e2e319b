package kawi.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import kawi.Model;

/** The demo model with a chat template that has thoughts and tools, and drops earlier thoughts as Qwen3.5's does. */
final class DemoConversations {

    private DemoConversations() {}

    static CheckpointLoader loader() throws IOException {
        return loader(new String(resource("thinking-and-tools.jinja"), StandardCharsets.UTF_8));
    }

    /** The demo model with another chat template. */
    static CheckpointLoader loader(String chatTemplate) throws IOException {
        return ((CheckpointLoader) Model.loader(gguf(), "demo-q8_0.gguf")).chatTemplate(chatTemplate);
    }

    static byte[] gguf() throws IOException {
        return resource("demo/demo-q8_0.gguf");
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(DemoConversations.class.getResourceAsStream("/kawi/" + name), name)) {
            return in.readAllBytes();
        }
    }
}
