package kawi.demo;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.Message;
import kawi.Model;
import kawi.Part;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares the model for pictures with {@code pictures.json}; the README of the module documents its origin. */
class DemoVisionTest {

    /**
     * Below this margin between the two best logits, the rounding of activations may choose another token than the
     * reference, which rounds none.
     */
    private static final double MIN_MARGIN = 0.5;

    private static Model model;
    private static JsonNode pictures;

    @BeforeAll
    static void load() throws IOException {
        model = DemoModel.vision();
        pictures =
                JsonMapper.shared().readTree(resource("pictures/pictures.json")).get("pictures");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void answersMatchTheReference() throws IOException {
        List<Executable> checks = new ArrayList<>();
        int decisive = 0;
        int questions = 0;
        for (JsonNode picture : pictures) {
            String file = picture.get("file").asString();
            byte[] png = resource("pictures/" + file);
            for (JsonNode question : picture.get("questions")) {
                questions++;
                String text = question.get("question").asString();
                String reply = ask(png, text);
                if (question.get("margin").asDouble() >= MIN_MARGIN) {
                    decisive++;
                    checks.add(() -> assertEquals(
                            question.get("answer").asString(), reply, () -> "%s: %s".formatted(file, text)));
                }
            }
        }
        assertAll(checks);
        assertTrue(decisive > questions / 2, "%d of %d answers are decisive".formatted(decisive, questions));
    }

    /** Nine in ten answers to questions about other held-out pictures are right, see the README of the module. */
    @Test
    void mostAnswersAreRight() throws IOException {
        int right = 0;
        int questions = 0;
        for (JsonNode picture : pictures) {
            byte[] png = resource("pictures/" + picture.get("file").asString());
            for (JsonNode question : picture.get("questions")) {
                questions++;
                if (ask(png, question.get("question").asString())
                        .equals(question.get("truth").asString())) {
                    right++;
                }
            }
        }
        assertTrue(right > questions * 3 / 4, "%d of %d answers are right".formatted(right, questions));
    }

    @Test
    void tellsTwoPicturesOfOneSizeApart() throws IOException {
        byte[] circle = resource("pictures/circle.png");
        byte[] square = resource("pictures/square.png");
        assertEquals("This is a circle.", ask(circle, "What shape is this?"));
        assertEquals("This is a square.", ask(square, "What shape is this?"));
        assertEquals("This is a circle.", ask(circle, "What shape is this?"));
    }

    @Test
    void answersAFurtherQuestionOfAConversation() throws IOException {
        List<Message> messages = List.of(
                Message.user(Part.image(resource("pictures/circle.png")), Part.text("What shape is this?")),
                Message.assistant("This is a circle."),
                Message.user("What color is it?"));
        assertEquals(
                "The circle is red.",
                model.prompt(messages).temperature(0).maxTokens(40).generate().text());
    }

    private static String ask(byte[] png, String question) {
        return model.prompt(question)
                .image(png)
                .temperature(0)
                .maxTokens(40)
                .generate()
                .text();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DemoVisionTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }
}
