package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import kawi.Chat;
import kawi.Model;
import kawi.ModelFileException;
import kawi.ModelLoader;
import kawi.Sequence;
import kawi.architecture.Reference;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scaling of positions as an option of the loader. */
class RopeScalingOptionTest {

    private static final String FOLDER = "text-vgtk-tied/f32";

    @TempDir
    Path temp;

    private static ModelLoader loader() {
        return Model.loader(Fixture.path(FOLDER)).threads(1);
    }

    private static float[] logits(ModelLoader loader) {
        int[] ids = new Reference(FOLDER).ids("ids_long");
        try (Model model = loader.load();
                Sequence sequence = model.newSequence()) {
            float[] last = new float[8 * model.vocabularySize()];
            sequence.append(ids, (position, logits) -> {
                int row = position - ids.length + 8;
                if (row >= 0) {
                    System.arraycopy(logits, 0, last, row * logits.length, logits.length);
                }
            });
            return last;
        }
    }

    /** The file states no scaling; see fixtures/README.md for the expected values. */
    @Test
    void theReferenceIsReproduced() {
        float[] expected = Reference.expected("rope-scaling/expected.safetensors", "yarn.logits");
        float[] scaled = logits(loader().ropeScaling("yarn:8:1024"));
        Reference.assertClose(expected, scaled, 1e-4, "with the option");
        assertFalse(Arrays.equals(logits(loader()), scaled));
    }

    @Test
    void anOptionReplacesTheScalingOfTheFile() {
        Path gguf = GgufEdit.of(Fixture.path(Fixture.F32_GGUF))
                .put("qwen35.rope.scaling.type", MetadataType.STRING, "yarn")
                .put("qwen35.rope.scaling.factor", MetadataType.FLOAT32, 2f)
                .put("qwen35.rope.scaling.original_context_length", MetadataType.UINT32, 1024)
                .writeTo(temp.resolve("yarn.gguf"));
        float[] plain = logits(Model.loader(Fixture.path(Fixture.F32_GGUF)).threads(1));
        float[] ofFile = logits(Model.loader(gguf).threads(1));
        assertFalse(Arrays.equals(plain, ofFile));
        assertArrayEquals(ofFile, logits(Model.loader(gguf).threads(1).ropeScaling("auto")));
        assertArrayEquals(ofFile, logits(Model.loader(gguf).threads(1).ropeScaling("YARN:2")));
        assertArrayEquals(plain, logits(Model.loader(gguf).threads(1).ropeScaling("none")));
        assertArrayEquals(
                logits(Model.loader(Fixture.path(Fixture.F32_GGUF)).threads(1).ropeScaling("yarn:8:1024")),
                logits(Model.loader(gguf).threads(1).ropeScaling("yarn:8")),
                "the positions of the training are those of the file");
    }

    @Test
    void theContextGrows() {
        try (Model model = loader().ropeScaling("yarn:4").load()) {
            assertEquals(4 * 4096, model.contextLength());
        }
        try (Model model =
                loader().ropeScaling("yarn:2.5").contextLength(10_000).load()) {
            assertEquals(10_000, model.contextLength());
            assertEquals(10_000, model.memoryPlan().contextLength());
        }
        try (Model model = loader().ropeScaling("yarn:4:512").load()) {
            assertEquals(4096, model.contextLength(), "that of the file is longer");
        }
        assertEquals(
                "contextLength is 8193, but %s was made for at most 4096 tokens; ropeScaling yarn:3 extends it"
                        .formatted(Fixture.path(FOLDER)),
                assertThrows(
                                IllegalArgumentException.class,
                                () -> loader().contextLength(8193).load())
                        .getMessage());
        assertEquals(
                "contextLength is 8193, but %s was made for at most 8192 tokens".formatted(Fixture.path(FOLDER)),
                assertThrows(
                                IllegalArgumentException.class,
                                () -> loader().ropeScaling("yarn:2")
                                        .contextLength(8193)
                                        .load())
                        .getMessage());
    }

    @Test
    void aChatIsNotContinuedWithAnotherScaling() throws IOException {
        Path file = temp.resolve("scaled.chat");
        try (Model model = DemoConversations.loader()
                        .threads(1)
                        .ropeScaling("yarn:4")
                        .load();
                Chat chat = model.chat().open()) {
            chat.save(file);
        }
        try (Model model = DemoConversations.loader().threads(1).load()) {
            String message = String.valueOf(
                    assertThrows(ModelFileException.class, () -> model.chat().load(file))
                            .getMessage());
            assertTrue(message.contains("whose weights are not those of"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yarn",
                "yarn:",
                "yarn:four",
                "yarn:4:",
                "yarn:4:x",
                "yarn:4:5:6",
                "linear:2",
                "none:2",
                "yarn:NaN",
                "yarn:Infinity"
            })
    void otherTextsAreRefused(String text) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> loader().ropeScaling(text))
                .getMessage());
        assertTrue(
                message.startsWith("ropeScaling is \"%s\"; it must be auto, none, or yarn:".formatted(text)), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yarn:1", "yarn:0.5", "yarn:-4", "yarn:1e9", "yarn:4:0", "yarn:4:-1"})
    void numbersOutOfRangeAreRefused(String text) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> loader().ropeScaling(text))
                .getMessage());
        assertTrue(message.contains("the factor must be greater than 1"), message);
    }

    @Test
    void aModelWithoutRotaryPositionsCannotBeScaled() {
        String message = String.valueOf(assertThrows(
                        ModelFileException.class,
                        () -> Model.loader(Fixture.path("kimi-linear"))
                                .ropeScaling("yarn:4")
                                .load())
                .getMessage());
        assertTrue(message.contains("no rotary positions"), message);
    }
}
