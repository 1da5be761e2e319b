package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import kawi.Chat;
import kawi.Model;
import kawi.ModelFileException;
import kawi.Sequence;
import kawi.Speculation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forks, guesses and saved conversations with quantized keys and values. */
class KvFormatStateTest {

    private static Model load(String keysAndValues, Speculation speculation) throws IOException {
        return DemoConversations.loader()
                .keysAndValues(keysAndValues)
                .speculation(speculation)
                .load();
    }

    /** A fork in the middle of the second page continues like a sequence that was read at once, as does the original. */
    @ParameterizedTest
    @ValueSource(strings = {"q8", "q4"})
    void aForkIsACopy(String format) throws IOException {
        try (Model model = load(format, Speculation.off())) {
            int[] begin = IntStream.range(0, 300).map(i -> i * 31 % 500).toArray();
            int[] one = IntStream.range(0, 250).map(i -> i * 17 % 500).toArray();
            int[] other = IntStream.range(0, 250).map(i -> i * 13 % 500).toArray();
            try (Sequence sequence = model.newSequence()) {
                sequence.append(begin);
                try (Sequence fork = sequence.fork()) {
                    sequence.append(one);
                    fork.append(other);
                    assertArrayEquals(logits(model, begin, one), logits(model, sequence));
                    assertArrayEquals(logits(model, begin, other), logits(model, fork));
                }
            }
        }
    }

    private static float[] logits(Model model, int[]... parts) {
        try (Sequence sequence = model.newSequence()) {
            for (int[] part : parts) {
                for (int id : part) {
                    sequence.append(new int[] {id});
                }
            }
            return logits(model, sequence);
        }
    }

    private static float[] logits(Model model, Sequence sequence) {
        float[] logits = new float[model.vocabularySize()];
        sequence.logits(logits);
        return logits;
    }

    @ParameterizedTest
    @ValueSource(strings = {"q4", "q8:q4"})
    void aSavedConversationContinuesTheSameAndWithGuesses(String format, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("story.chat");
        String expected;
        try (Model model = load(format, Speculation.off());
                Chat chat = model.chat().temperature(0).maxTokens(40).open()) {
            chat.send("Tell me a story about a fox.");
            chat.save(file);
            expected = chat.send("And then?").text();
        }
        try (Model model = load(format, Speculation.auto());
                Chat chat = model.chat().temperature(0).maxTokens(40).load(file)) {
            assertEquals(expected, chat.send("And then?").text());
        }
    }

    @Test
    void aConversationIsNotContinuedInAnotherFormat(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("story.chat");
        try (Model model = load("q8:q4", Speculation.off());
                Chat chat = model.chat().maxTokens(4).open()) {
            chat.send("Tell me a story about a fox.");
            chat.save(file);
        }
        try (Model model = load("q8", Speculation.off())) {
            ModelFileException e =
                    assertThrows(ModelFileException.class, () -> model.chat().load(file));
            assertEquals(
                    "story.chat cannot be continued: its keys and values are in q8:q4, but the model was loaded with "
                            + "q8; see ModelLoader.keysAndValues",
                    e.getMessage());
        }
    }
}
