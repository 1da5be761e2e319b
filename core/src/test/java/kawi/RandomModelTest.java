package kawi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import kawi.architecture.vision.VisionFile;
import kawi.gguf.GgufFile;
import kawi.image.PatchShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomModelTest {

    private static final Path TOKENIZER = Path.of("../tokenizer/src/test/resources/kawi/tokenizer/demo-tokenizer.json");

    @TempDir
    Path folder;

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    /** The first digest is that of the file that commit b925e42 writes; the encoders of the second are newer. */
    @Test
    void theBytesDoNotChange() throws IOException, NoSuchAlgorithmException {
        Path file = folder.resolve("model.gguf");
        RandomModel.of("tiny").type("Q4_0").prediction(false).writeTo(file, step -> {});
        assertEquals("2f81603e3d21a948eeb880f5572d4cf29accf92209a6a7d986bdde035f98076a", sha256(file));
        RandomModel plain = RandomModel.of("tiny").type("Q4_K_M").seed(3).tokenizer(TOKENIZER);
        plain.prediction(false).writeTo(file, step -> {});
        assertEquals("824d35dbb779f73b0a629e4ab75ab8ad361639be92df8409353b8af91fd36237", sha256(file));
    }

    @Test
    void writesAVisionPart() {
        Path file = folder.resolve("mmproj.gguf");
        RandomModel.of("tiny").type("Q8_0").writeVisionTo(file, step -> {});
        try (VisionFile vision = VisionFile.open(file)) {
            assertEquals(2, vision.config().depth());
            assertEquals(256, vision.config().outHiddenSize());
            assertEquals(PatchShape.DEFAULT.factor(), vision.patchShape().factor());
        }
        try (GgufFile vision = GgufFile.open(file)) {
            assertEquals("Q8_0", vision.format("mm.2.weight").name());
        }
    }

    @Test
    void aModelWithVisionHasTheTokensOfImages() {
        Path file = folder.resolve("model.gguf");
        RandomModel.of("tiny").vision(true).writeTo(file, step -> {});
        try (GgufFile model = GgufFile.open(file)) {
            List<String> tokens = model.metadata().strings("tokenizer.ggml.tokens");
            assertEquals("<|image_pad|>", tokens.get(2048 - 276 + 12)); // 248,056 of 248,320
            assertTrue(model.metadata().string("tokenizer.chat_template").contains("<|image_pad|>"));
        }
    }

    @Test
    void theOtherWeightsAreTheSameWithAPredictionLayer() {
        Path with = folder.resolve("with.gguf");
        Path without = folder.resolve("without.gguf");
        RandomModel model = RandomModel.of("tiny").type("Q4_K_M");
        model.writeTo(with, step -> {});
        model.prediction(false).writeTo(without, step -> {});
        try (ModelFile predicting = ModelFile.open(with);
                ModelFile plain = ModelFile.open(without);
                GgufFile first = GgufFile.open(with);
                GgufFile second = GgufFile.open(without)) {
            assertTrue(predicting.untrained());
            assertTrue(plain.untrained());
            assertEquals(List.of(), predicting.unusedParts());
            assertEquals(1, predicting.sizes().get("mtp_num_hidden_layers"));
            assertFalse(plain.sizes().containsKey("mtp_num_hidden_layers"));
            assertTrue(predicting.parameters() > plain.parameters());
            for (String name : second.tensorNames()) {
                assertArrayEquals(
                        second.tensor(name).data().toArray(ValueLayout.JAVA_BYTE),
                        first.tensor(name).data().toArray(ValueLayout.JAVA_BYTE),
                        name);
            }
        }
    }

    @Test
    void progressIsCountedInTensors() {
        List<Progress.Step> steps = new ArrayList<>();
        RandomModel.of("tiny").type("Q8_0").writeTo(folder.resolve("model.gguf"), steps::add);
        assertEquals(0, steps.getFirst().done());
        assertEquals(steps.getLast().total(), steps.getLast().done());
        for (int i = 0; i < steps.size(); i++) {
            assertEquals(Progress.Stage.WRITE, steps.get(i).stage());
            assertEquals("model.gguf", steps.get(i).subject());
            assertTrue(i == 0 || steps.get(i).done() >= steps.get(i - 1).done());
        }
    }

    @Test
    void invalidValuesAreRejectedByName() throws IOException {
        Path file = folder.resolve("model.gguf");
        RandomModel tiny = RandomModel.of("tiny");
        assertEquals(
                "there is no size \"huge\"; the sizes are tiny, 0.8b, 2b, 4b, 9b, 27b",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> RandomModel.of("huge").writeTo(file, step -> {}))
                        .getMessage());
        assertTrue(String.valueOf(assertThrows(
                                IllegalArgumentException.class,
                                () -> tiny.type("Q9").writeTo(file, step -> {}))
                        .getMessage())
                .startsWith("there is no type \"Q9\"; the types are F32, "));
        assertThrows(UncheckedIOException.class, () -> tiny.writeTo(folder.resolve("no/x.gguf"), step -> {}));
        Path empty = Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertTrue(String.valueOf(assertThrows(
                                ModelFileException.class,
                                () -> tiny.tokenizer(empty).writeTo(file, step -> {}))
                        .getMessage())
                .contains("tokenizer.json"));
        assertTrue(String.valueOf(assertThrows(
                                ModelFileException.class,
                                () -> tiny.tokenizer(folder.resolve("none.json"))
                                        .writeTo(file, step -> {}))
                        .getMessage())
                .contains("none.json"));
        assertFalse(Files.exists(file));
    }
}
