package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kawi.FinishReason;
import kawi.GenerationStats;
import kawi.ImageStats;
import kawi.ImageUse;
import kawi.RandomModel;
import kawi.Reply;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Images given to commands, with a model of random weights. */
class ImagesTest {

    @TempDir
    private static Path folder;

    private static Path model;
    private static Path tower;

    @BeforeAll
    static void write() {
        RandomModel tiny = RandomModel.of("tiny").type("F32").vision(true);
        model = folder.resolve("tiny.gguf");
        tower = folder.resolve("vision.gguf");
        tiny.writeTo(model, _ -> {});
        tiny.writeVisionTo(tower, _ -> {});
    }

    private static Path image(String name) {
        return Cli.fixture("vision-vgtk-tied/pixels").resolve(name);
    }

    @Test
    void runTellsTheSizesInWhichImagesAreSeen() {
        JsonNode images = Cli.run(
                        "run",
                        "-m",
                        model,
                        "--mmproj",
                        tower,
                        "--image-tokens",
                        "64..100",
                        "-n",
                        "1",
                        "--json",
                        "--image",
                        image("image_a.png"),
                        image("image_b.png"),
                        "?")
                .json()
                .get("images");
        assertEquals(2, images.get("encoded").intValue());
        assertEquals(2, images.get("sizes").size());
        for (JsonNode size : images.get("sizes")) {
            int tokens = size.get("tokens").intValue();
            assertTrue(tokens >= 64 && tokens <= 100, size.toString());
            assertEquals(
                    tokens * 32 * 32,
                    size.get("used_width").intValue() * size.get("used_height").intValue());
        }
    }

    @Test
    void aModelWithoutATowerIsASentenceWithTheRemedy() {
        Cli.Outcome outcome = Cli.run("run", "-m", model, "--image", image("image_a.png"), "?");
        String complaint = outcome.complaint(outcome.code());
        assertFalse(outcome.code() == 0);
        assertTrue(complaint.contains("tiny.gguf has no vision tower"), complaint);
        assertTrue(complaint.contains("put it beside the model, or give it to --mmproj"), complaint);
        assertTrue(complaint.contains("mmproj"), complaint);
    }

    @Test
    void aFileThatIsNoImageIsASentence() {
        Cli.Outcome outcome = Cli.run("run", "-m", model, "--mmproj", tower, "--image", model, "?");
        assertFalse(outcome.code() == 0);
        assertTrue(outcome.complaint(outcome.code()).contains("image 1"), outcome.err());
    }

    @Test
    void rangesOfTokensAreChecked() {
        for (String range : List.of("x", "1..", "5..4", "0", "-1..4")) {
            Cli.Outcome outcome = Cli.run("run", "-m", model, "--image-tokens", range, "?");
            assertTrue(outcome.complaint(2).contains("mage"), outcome.err());
        }
    }

    /** A command stays one if its argument is an image file, as that of /save may be. */
    @Test
    void aCommandThatNamesAnImageFileIsNoMessage() throws IOException {
        Path picture = Files.copy(image("image_b.png"), folder.resolve("b.png"));
        String lines = "/save %1$s\n/save --force %1$s\n/undo\n%1$s\n/image\n".formatted(picture);
        Cli.Outcome outcome =
                Cli.withInput(lines, "chat", "-m", model, "--mmproj", tower, "--image-tokens", "1..8", "-n", "1");
        assertEquals("", outcome.out());
        List<String> said = outcome.err().lines().toList();
        assertEquals(5, said.size(), outcome.err());
        assertTrue(said.get(0).contains("exists"), outcome.err());
        assertEquals("saved to " + picture, said.get(1));
        assertTrue(said.get(2).contains("no message"), outcome.err());
    }

    @Test
    void benchMeasuresAnImage() {
        JsonNode bench = Cli.run(
                        "bench",
                        "-m",
                        model,
                        "--mmproj",
                        tower,
                        "-p",
                        "4",
                        "-n",
                        "2",
                        "-r",
                        "1",
                        "--image",
                        "320x256",
                        "--json")
                .json();
        JsonNode image = bench.get("image");
        assertEquals(80, image.get("tokens").intValue());
        assertEquals(320, image.get("used_width").intValue());
        assertTrue(image.get("encode_seconds").doubleValue() > 0);
        assertTrue(image.get("first_token_seconds").doubleValue()
                > image.get("encode_seconds").doubleValue());
    }

    @Test
    void benchWantsAWidthAndAHeight() {
        for (String size : List.of("320", "x", "0x4", "320x", "3e2x4", "-1x4", "123456x4")) {
            String complaint = Cli.run("bench", "-m", model, "--mmproj", tower, "--image=" + size)
                    .complaint(2);
            assertTrue(complaint.contains("--image is \"%s\"".formatted(size)), complaint);
        }
    }

    @Test
    void aReportHasALineForEachImage() {
        ImageStats images = new ImageStats(
                List.of(new ImageUse(1, 320, 256, 320, 256, 80), new ImageUse(6, 640, 480, 320, 256, 240)),
                4,
                2,
                Duration.ofMillis(1500));
        assertEquals(
                List.of(
                        "image: 320 x 256, 80 tokens",
                        "film, 6 frames: 640 x 480, resized to 320 x 256, 240 tokens",
                        "4 encoded in 1.50 s, 2 cached"),
                AnswerReport.imageLines(reply(images)));
        assertEquals(List.of(), AnswerReport.imageLines(reply(ImageStats.NONE)));
    }

    private static Reply reply(ImageStats images) {
        return new Reply(
                "Two.",
                "",
                List.of(),
                List.of(),
                List.of(1, 2),
                List.of(),
                FinishReason.END,
                new GenerationStats(9, 0, 0, 4, 5, 2, 1, 0, 0, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO, images),
                7);
    }
}
