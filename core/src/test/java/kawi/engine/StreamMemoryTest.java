package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.stream.Stream;
import kawi.Chat;
import kawi.Prompt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream gives its sequence back when it fails, when it ends, and when it is left. */
@Timeout(60)
class StreamMemoryTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    private LoadedModel model;

    @BeforeEach
    void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aStepThatFails() {
        Prompt failing = model.prompt(FOX).logitsProcessor((tokens, logits) -> {
            if (tokens.length() > tokens.promptLength() + 2) {
                throw new UnsupportedOperationException("enough");
            }
        });
        for (int i = 0; i < 20; i++) {
            assertThrows(
                    UnsupportedOperationException.class, () -> failing.stream().forEach(piece -> {}));
        }
        assertEquals(0, model.memoryUse().sequences());
    }

    @Test
    void aConsumerThatFails() {
        assertThrows(
                UnsupportedOperationException.class,
                () -> model.prompt(FOX).stream().forEach(piece -> {
                    throw new UnsupportedOperationException("enough");
                }));
        assertEquals(0, model.memoryUse().sequences());
    }

    @Test
    void anEnd() {
        assertEquals(3, model.prompt(FOX).temperature(0).maxTokens(3).stream().count());
        assertEquals(0, model.memoryUse().sequences());
    }

    @Test
    void aFailureLeavesAChatUsable() {
        try (Chat chat = model.chat().temperature(0).maxTokens(8).open()) {
            Stream<String> stream = chat
                    .message(FOX)
                    .logitsProcessor((tokens, logits) -> {
                        throw new UnsupportedOperationException("enough");
                    })
                    .stream();
            assertThrows(UnsupportedOperationException.class, () -> stream.forEach(piece -> {}));
            assertEquals(0, chat.messages().size());
            assertEquals(
                    2, chat.send(FOX).text().isEmpty() ? 0 : chat.messages().size());
        }
    }

    @Test
    void streamsThatNobodyCanReach() throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            assertEquals(1, model.prompt(FOX).stream().limit(1).toList().size());
        }
        while (model.memoryUse().sequences() > 0) {
            System.gc();
            Thread.sleep(5);
        }
    }
}
