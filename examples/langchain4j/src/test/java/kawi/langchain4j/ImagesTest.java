package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import kawi.GenerationStats;
import kawi.ImageUse;
import kawi.Model;
import kawi.RandomModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests with images to a model that sees them; the weights are random. */
class ImagesTest {

    /** A PNG file of 16 x 16 pixels. */
    private static final String SQUARE = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mOQkztB"
            + "EmIY1TCqYfhqAACQUwQQlNl6vgAAAABJRU5ErkJggg==";

    @TempDir
    private static Path folder;

    private static Model model;
    private static ChatModel chat;

    @BeforeAll
    static void load() {
        RandomModel tiny = RandomModel.of("tiny").type("F32").vision(true);
        tiny.writeTo(folder.resolve("tiny.gguf"), _ -> {});
        tiny.writeVisionTo(folder.resolve("mmproj-tiny-F32.gguf"), _ -> {});
        model = Model.load(folder.resolve("tiny.gguf"));
        chat = KawiChatModel.builder().model(model).maxOutputTokens(2).build();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static UserMessage ask(String image) {
        return UserMessage.from(ImageContent.from(image, "image/png"), TextContent.from("What is this?"));
    }

    @Test
    void theModelSeesImages() {
        ChatResponse response = chat.chat(ask(SQUARE));
        GenerationStats stats =
                Objects.requireNonNull(((KawiChatResponseMetadata) response.metadata()).stats(), "statistics");
        ImageUse use = stats.images().uses().getFirst();
        assertEquals(16, use.width());
        assertEquals(64, use.tokens());
        assertEquals(
                stats.promptTokens(),
                new KawiTokenCountEstimator(model).estimateTokenCountInMessages(List.of(ask(SQUARE))));
    }

    @Test
    void anImageThatCannotBeReadIsAnInvalidRequest() {
        InvalidRequestException e = assertThrows(InvalidRequestException.class, () -> chat.chat(ask("aGVsbG8=")));
        assertTrue(String.valueOf(e.getMessage()).contains("image 1"), e::getMessage);
    }
}
