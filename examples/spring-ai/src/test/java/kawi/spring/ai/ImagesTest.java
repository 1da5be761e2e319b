package kawi.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Objects;
import kawi.GenerationStats;
import kawi.ImageUse;
import kawi.Model;
import kawi.RandomModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.content.Media;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

/** Messages with images for a model that sees them; the weights are random. */
final class ImagesTest {

    /** A PNG file of 16 x 16 pixels. */
    private static final String SQUARE = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mOQkztB"
            + "EmIY1TCqYfhqAACQUwQQlNl6vgAAAABJRU5ErkJggg==";

    @TempDir
    private static Path folder;

    private static Model model;
    private static ChatClient client;

    @BeforeAll
    static void load() {
        RandomModel tiny = RandomModel.of("tiny").type("F32").vision(true);
        tiny.writeTo(folder.resolve("tiny.gguf"), _ -> {});
        tiny.writeVisionTo(folder.resolve("mmproj-tiny-F32.gguf"), _ -> {});
        model = Model.load(folder.resolve("tiny.gguf"));
        client = ChatClient.create(KawiChatModel.builder()
                .model(model)
                .options(KawiChatOptions.builder().maxTokens(2).build())
                .build());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ChatResponse ask(Media... media) {
        return Objects.requireNonNull(client.prompt()
                .user(user -> user.text("What is this?").media(media))
                .call()
                .chatResponse());
    }

    @Test
    void theModelSeesImages() {
        Media resource = new Media(
                MimeTypeUtils.IMAGE_PNG,
                new ByteArrayResource(Base64.getDecoder().decode(SQUARE)));
        Media url = new Media(MimeTypeUtils.IMAGE_PNG, URI.create("data:image/png;base64," + SQUARE));
        GenerationStats stats =
                Objects.requireNonNull(ask(resource, url).getMetadata().<GenerationStats>get("stats"));
        assertThat(stats.images().uses()).hasSize(2).allMatch(use -> use.equals(new ImageUse(1, 16, 16, 256, 256, 64)));
        assertThat(stats.images().encoded()).isEqualTo(1);
    }

    @Test
    void anImageThatCannotBeReadIsNotTransient() {
        Media media = new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[] {1}));
        assertThatThrownBy(() -> ask(media))
                .isInstanceOf(NonTransientAiException.class)
                .hasMessageContaining("image 1");
    }
}
