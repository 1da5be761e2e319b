package kawi.engine;

import static kawi.engine.VisionModel.ask;
import static kawi.engine.VisionModel.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.ImageStats;
import kawi.ImageUse;
import kawi.Message;
import kawi.Model;
import kawi.Part;
import kawi.Reply;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations with pictures: what is read again, and what is not. */
class ImageConversationTest {

    private static final Part.Image A = picture(1, 3, 2);
    private static final Part.Image B = picture(2, 3, 2);

    @TempDir
    private static Path folder;

    private static VisionModel vision;
    private static LoadedModel model;

    /** The same model without caches. */
    private static Model bare;

    @BeforeAll
    static void load() throws IOException {
        vision = VisionModel.in(folder);
        model = vision.load();
        bare = vision.loader().imageCache(0).prefixCache(0).snapshotBytes(0).load();
    }

    @AfterAll
    static void close() {
        model.close();
        bare.close();
    }

    private static ChatBuilder chat(Model model) {
        return model.chat().temperature(0).maxTokens(6).ignoreEnd();
    }

    /** The answer to messages, computed without any cache. */
    private static List<Integer> cold(List<Message> messages) {
        Reply reply =
                bare.prompt(messages).temperature(0).maxTokens(6).ignoreEnd().generate();
        assertEquals(0, reply.stats().reusedTokens());
        return reply.tokens();
    }

    /** Counts the tokens of each turn, whose images take one token for 32 x 32 pixels. */
    @Test
    void aSecondTurnReadsNoImageAgain() {
        try (Chat chat = chat(model).system("Terse.").open()) {
            Part.Image photo = picture(11, 3, 2);
            Reply first = chat.message(ask("?", photo)).send();
            int before = "<".length() // <|im_start|>
                    + "system\nTerse.".length()
                    + ">".length()
                    + "\n".length();
            int user = 1 + "user\n".length() + 1 + 6 + 1 + "?".length() + 1 + 1;
            int answer = 1 + "assistant\n".length() + 1 + "\n\n".length() + 1 + "\n\n".length();
            assertEquals(before + user + answer, first.stats().promptTokens());
            assertEquals(
                    new ImageStats(
                            List.of(new ImageUse(1, 96, 64, 96, 64, 6)),
                            1,
                            0,
                            first.stats().images().encode()),
                    first.stats().images());
            assertTrue(first.stats().images().encode().toNanos() > 0);
            long misses = model.imageCache().misses();
            Reply second = chat.send("And?");
            ImageStats images = second.stats().images();
            assertEquals(List.of(0, 0), List.of(images.encoded(), images.cached()));
            assertEquals(6, images.tokens());
            assertTrue(second.stats().reusedTokens() >= before + user, second.toString());
            assertEquals(misses, model.imageCache().misses());
            assertEquals(cold(chat.messages().subList(0, 4)), second.tokens());
        }
    }

    @Test
    void picturesOfEqualSizeAreToldApart() {
        List<List<Part.Image>> all = List.of(List.of(A, B), List.of(B, A), List.of(A, A));
        for (int round = 0; round < 2; round++) {
            for (List<Part.Image> pictures : all) {
                List<Message> messages = List.of(ask("Which?", pictures.toArray(Part[]::new)));
                Reply reply = model.prompt(messages)
                        .temperature(0)
                        .maxTokens(6)
                        .ignoreEnd()
                        .generate();
                assertEquals(cold(messages), reply.tokens());
            }
        }
        float[] first = lastLogits(A);
        assertFalse(Arrays.equals(first, lastLogits(B)), "the model does not see them");
        assertArrayEquals(first, lastLogits(A));
    }

    private static float[] lastLogits(Part.Image picture) {
        float[] row = new float[model.vocabularySize()];
        model.prompt("?")
                .image(picture)
                .maxTokens(1)
                .temperature(0)
                .logitsProcessor((tokens, logits) -> System.arraycopy(logits, 0, row, 0, row.length))
                .generate();
        return row;
    }

    @Test
    void thePictureOfAnotherConversationIsNotEncodedAgain() {
        Part.Image photo = picture(12, 2, 5);
        for (int i = 0; i < 2; i++) {
            try (Chat chat = chat(model).open()) {
                ImageStats images =
                        chat.message(ask("Look " + i, photo)).send().stats().images();
                assertEquals(List.of(1 - i, i), List.of(images.encoded(), images.cached()));
            }
        }
    }

    @Test
    void forksAndEarlierTurnsKeepTheirPictures() {
        try (Chat chat = chat(model).open()) {
            chat.message(ask("First.", picture(21, 2, 2))).send();
            Reply reply = chat.message(ask("Second.", picture(22, 2, 2))).send();
            List<Message> asked = chat.messages().subList(0, 3);
            try (Chat fork = chat.fork()) {
                ImageStats images = fork.again().send().stats().images();
                assertEquals(0, images.encoded());
                assertEquals(chat.messages(), fork.messages());
                assertTrue(fork.undo());
                Reply other = fork.message(ask("Second.", picture(23, 2, 2))).send();
                assertEquals(1, other.stats().images().encoded());
                assertEquals(cold(fork.messages().subList(0, 3)), other.tokens());
            }
            assertEquals(cold(asked), reply.tokens());
            assertEquals(reply.tokens(), chat.again().send().tokens());
        }
    }

    @Test
    void savedConversationsKeepTheirPicturesAndStates() {
        Path file = folder.resolve("pictures.chat");
        List<Part.Image> frames = List.of(picture(31, 2, 2), picture(32, 2, 2), picture(33, 2, 2));
        List<Integer> expected;
        List<Message> messages;
        try (Chat chat = chat(model).open()) {
            chat.message(ask("One.", picture(34, 3, 4).withMaxTokens(6), Part.video(frames, 1.5)))
                    .send();
            chat.save(file);
            messages = chat.messages();
            expected = chat.send("Two.").tokens();
        }
        try (Model other = vision.load();
                Chat chat = chat(other).load(file)) {
            assertEquals(messages.size(), chat.messages().size());
            assertEquals(
                    messages.getFirst().content().getFirst(),
                    chat.messages().getFirst().content().getFirst());
            Reply reply = chat.send("Two.");
            assertEquals(expected, reply.tokens());
            assertEquals(0, reply.stats().images().encoded(), "the state includes the images");
            assertTrue(reply.stats().reusedTokens() > 12, reply.toString());
            Reply again = chat.message(ask("Three.", picture(35, 3, 4))).send();
            assertEquals(cold(chat.messages().subList(0, 5)), again.tokens());
        }
    }

    @Test
    void withoutAnyCacheTheAnswersAreTheSame() {
        try (Chat without = chat(bare).snapshotBytes(0).open();
                Chat with = chat(model).open()) {
            for (Message message : List.of(ask("One.", A), Message.user("Two."), ask("Three.", B, A))) {
                assertEquals(
                        without.message(message).send().tokens(),
                        with.message(message).send().tokens());
            }
            assertEquals(0, bare.imageCache().entries());
            assertNotEquals(0, model.memoryUse().images());
        }
    }
}
