package kawi.engine;

import static kawi.engine.VisionModel.ask;
import static kawi.engine.VisionModel.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import kawi.Chat;
import kawi.ClosedException;
import kawi.ContextLengthException;
import kawi.FinishReason;
import kawi.ImageException;
import kawi.ImageUse;
import kawi.Message;
import kawi.Model;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Part;
import kawi.Prompt;
import kawi.RandomModel;
import kawi.Reply;
import kawi.VideoSource;
import kawi.files.Fixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts with pictures: the ways to give them and to run them, their options, and what is refused. */
class ImagePromptTest {

    private static final Part.Image PHOTO = picture(1, 3, 2);

    @TempDir
    private static Path folder;

    private static VisionModel vision;
    private static LoadedModel model;

    record Total(int cents) {}

    @BeforeAll
    static void load() throws IOException {
        vision = VisionModel.in(folder);
        model = vision.load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Prompt prompt() {
        return model.prompt("What is the total?").image(PHOTO).temperature(0).maxTokens(8);
    }

    @Test
    void picturesComeBeforeTheText() {
        int[] ids = model.prompt("Which?").image(PHOTO).image(picture(2, 1, 1)).tokens();
        assertArrayEquals(
                model.prompt(List.of(ask("Which?", PHOTO, picture(2, 1, 1)))).tokens(), ids);
        String text = model.tokenizer().orElseThrow().decode(ids);
        String pad = "<|image_pad|>";
        assertTrue(
                text.contains("user\n<|vision_start|>" + pad.repeat(6) + "<|vision_end|><|vision_start|>" + pad
                        + "<|vision_end|>Which?<|im_end|>"),
                text);
    }

    /** The times of a film are text of the template's kind: between the tags of its pairs of frames. */
    @Test
    void aFilmIsWrittenWithItsTimes() {
        List<Part.Image> frames = List.of(picture(1, 1, 1), picture(2, 1, 1), picture(3, 1, 1));
        int[] ids = model.prompt(List.of(Message.user(Part.text("Film: "), Part.video(frames, 1.0), Part.text("?"))))
                .tokens();
        String text = model.tokenizer().orElseThrow().decode(ids);
        assertTrue(
                text.contains("Film: <0.5 seconds><|vision_start|><|video_pad|><|vision_end|>"
                        + "<2.0 seconds><|vision_start|><|video_pad|><|vision_end|>?"),
                text);
    }

    @Test
    void everyWayToRunAPromptSeesThePicture() throws Exception {
        Reply reply = prompt().ignoreEnd().generate();
        List<Integer> expected = reply.tokens();
        assertEquals(expected, prompt().ignoreEnd().generateAsync().get().tokens());
        for (Reply one : prompt().ignoreEnd().generateAll(3)) {
            assertEquals(expected, one.tokens());
        }
        assertEquals(reply.text(), prompt().ignoreEnd().stream().collect(Collectors.joining()));
        Total total = prompt().maxTokens(40).as(Total.class);
        assertEquals(total, prompt().maxTokens(40).replyAs(Total.class).value());
        try (Chat chat = model.chat().temperature(0).maxTokens(40).open()) {
            assertEquals(total, chat.message(ask("What is the total?", PHOTO)).as(Total.class));
        }
    }

    @Test
    void idsHaveATokenForEachPicture() {
        int[] all = prompt().tokens();
        int pad = model.requireTokenizer().id("<|image_pad|>").orElseThrow();
        int first = Arrays.stream(all).boxed().toList().indexOf(pad);
        int[] ids = new int[all.length - 5];
        System.arraycopy(all, 0, ids, 0, first + 1);
        System.arraycopy(all, first + 6, ids, first + 1, all.length - first - 6);
        assertArrayEquals(all, model.prompt(ids).image(PHOTO).tokens());
        assertEquals(
                prompt().generate().tokens(),
                model.prompt(ids)
                        .image(PHOTO)
                        .temperature(0)
                        .maxTokens(8)
                        .generate()
                        .tokens());
        assertEquals(
                "the prompt has 1 tokens that stand for images, but 2 were given; there must be one for each",
                assertThrows(
                                IllegalStateException.class,
                                () -> model.prompt(ids)
                                        .image(PHOTO)
                                        .image(PHOTO)
                                        .tokens())
                        .getMessage());
    }

    @Test
    void limitsOfTokensResizeAndAreReported() {
        Part.Image large = picture(4, 8, 4);
        ImageUse use = prompt(large)
                .imageTokens(0, 8)
                .generate()
                .stats()
                .images()
                .uses()
                .getFirst();
        assertEquals(new ImageUse(1, 256, 128, 128, 64, 8), use);
        assertTrue(use.resized());
        assertFalse(prompt(large).generate().stats().images().uses().getFirst().resized());
        assertEquals(
                new ImageUse(1, 96, 64, 192, 128, 24),
                prompt(PHOTO)
                        .imageTokens(20, 40)
                        .generate()
                        .stats()
                        .images()
                        .uses()
                        .getFirst());
        List<Part.Image> frames = List.of(picture(1, 4, 4), picture(2, 4, 4), picture(3, 4, 4), picture(4, 4, 4));
        Reply film =
                model.prompt("?").video(frames, 2).videoTokens(18).maxTokens(1).generate();
        assertEquals(
                new ImageUse(4, 128, 128, 96, 96, 18),
                film.stats().images().uses().getFirst());
        assertEquals(18, film.stats().images().tokens());
        assertThrows(IllegalArgumentException.class, () -> prompt().imageTokens(5, 4));
        assertThrows(IllegalArgumentException.class, () -> prompt().videoTokens(0));
    }

    @Test
    void anImageMayHaveALowerLimitOfItsOwn() {
        Part.Image large = picture(4, 8, 4);
        Part.Image small = large.withMaxTokens(8);
        assertEquals(
                List.of(new ImageUse(1, 256, 128, 128, 64, 8), new ImageUse(1, 256, 128, 256, 128, 32)),
                prompt(small).image(large).generate().stats().images().uses());
        assertEquals(
                List.of(new ImageUse(1, 256, 128, 128, 64, 8)),
                prompt(small).imageTokens(20, 40).generate().stats().images().uses());
        assertEquals(
                2,
                prompt(small)
                        .imageTokens(0, 4)
                        .generate()
                        .stats()
                        .images()
                        .uses()
                        .getFirst()
                        .tokens());
        assertFalse(small.equals(large));
        assertEquals(large, small.withMaxTokens(0));
        assertEquals(
                "an image cannot be limited to -1 tokens; the limit must be positive, or 0 for none",
                assertThrows(IllegalArgumentException.class, () -> large.withMaxTokens(-1))
                        .getMessage());
    }

    private static Prompt prompt(Part.Image image) {
        return model.prompt("?").image(image).maxTokens(1);
    }

    @Test
    void damagedAndUnsuitablePicturesAreRefused() {
        assertThrows(
                ImageException.class,
                () -> model.prompt("?").image(new byte[] {1, 2, 3}).generate());
        assertEquals(
                "a raw prompt has no place for an image; omit raw(), or give token ids in which <|image_pad|> stands for it",
                assertThrows(IllegalStateException.class, () -> prompt().raw()).getMessage());
        assertThrows(IllegalStateException.class, () -> model.prompt("?").raw().image(PHOTO));
        assertThrows(
                IllegalStateException.class,
                () -> model.prompt(List.of(Message.user("?"))).image(PHOTO));
    }

    /** A film of 9 frames, of which one cannot be read. */
    private record Unreadable(int frame) implements VideoSource {
        @Override
        public int frameCount() {
            return 9;
        }

        @Override
        public double framesPerSecond() {
            return 2;
        }

        @Override
        public Part.Image frame(int index) throws IOException {
            if (index == frame) {
                throw new IOException("the tape is torn");
            }
            return picture(index, 2, 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 8})
    void aFrameThatCannotBeReadIsNamed(int frame) {
        Part film = Part.video(new Unreadable(frame));
        try (Chat chat = model.chat().maxTokens(1).open()) {
            assertEquals(
                    "cannot read frame %d of film 2: the tape is torn".formatted(frame),
                    assertThrows(
                                    UncheckedIOException.class,
                                    () -> chat.message(ask("?", Part.video(new Unreadable(-1)), PHOTO, film))
                                            .send())
                            .getMessage());
            assertEquals(List.of(), chat.messages());
            assertEquals(FinishReason.MAX_TOKENS, chat.send("?").finishReason());
        }
        assertTrue(String.valueOf(assertThrows(
                                ImageException.class,
                                () -> model.prompt(List.of(ask("?", film(), PHOTO, Part.image(new byte[9]))))
                                        .generate())
                        .getMessage())
                .startsWith("image 2 is of an unknown format"));
    }

    @Test
    void anImageThatIsTooNarrowIsNamed() {
        Part.Image narrow = Part.image(new BufferedImage(201, 1, BufferedImage.TYPE_INT_RGB));
        String reason = " of 201 x 1 pixels is too narrow: one side may be at most 200 times as long as the other";
        assertEquals(
                "image 2 cannot be used: an image" + reason,
                assertThrows(
                                ImageException.class,
                                () -> model.prompt("?")
                                        .image(PHOTO)
                                        .image(narrow)
                                        .generate())
                        .getMessage());
        assertEquals(
                "film 1 cannot be used: a film" + reason,
                assertThrows(
                                ImageException.class,
                                () -> model.prompt("?")
                                        .video(List.of(narrow), 1)
                                        .generate())
                        .getMessage());
    }

    private static Part film() {
        return Part.video(List.of(PHOTO), 1);
    }

    @Test
    void aClosedModelDoesNotTellWhetherItSees() {
        LoadedModel closed = vision.load();
        closed.close();
        assertThrows(ClosedException.class, closed::seesImages);
    }

    /** The description of a model, and what it needs, can be asked for at any time. */
    @Test
    void aClosedModelHasADescription() {
        LoadedModel asked = vision.load();
        String description = asked.toString();
        asked.close();
        assertEquals(description, asked.toString());
        assertTrue(asked.memoryPlan().vision() > 0);
        LoadedModel never = vision.load();
        never.close();
        assertEquals(0, never.memoryPlan().vision());
        assertTrue(never.toString().startsWith("tiny.gguf (Qwen3.5"), never.toString());
    }

    @Test
    void morePicturesThanTheContextHoldsAreRefusedBeforeTheyAreRead() {
        try (Model small = vision.loader().contextLength(256).load()) {
            Part.Image photo = picture(5, 8, 16);
            ContextLengthException refused = assertThrows(
                    ContextLengthException.class,
                    () -> small.prompt("?")
                            .image(photo)
                            .image(photo)
                            .image(photo)
                            .generate());
            assertEquals(
                    "the prompt has 384 tokens, 384 of them for images, but the context holds 256; give fewer images, or "
                            + "limit their sizes, see imageTokens",
                    refused.getMessage());
            assertEquals(256, refused.contextLength());
            refused = assertThrows(
                    ContextLengthException.class,
                    () -> small.prompt("?")
                            .image(photo)
                            .image(picture(6, 8, 15))
                            .generate());
            assertTrue(String.valueOf(refused.getMessage()).contains("248 of them for images"), refused.getMessage());
            assertEquals(0, small.imageCache().misses());
        }
    }

    @Test
    void aTemplateWithoutAPlaceForPicturesIsNamed() {
        String template = "{%- for m in messages %}<|im_start|>{{ m.role }}{% if m.content is string %}{{ m.content }}"
                + "{% endif %}<|im_end|>{% endfor %}";
        try (Model other = vision.loader().chatTemplate(template).load()) {
            assertEquals(
                    "the chat template of tiny.gguf has written 0 places for 1 images; load the model with a template that "
                            + "supports them, see ModelLoader.chatTemplate",
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> other.prompt("?").image(PHOTO).generate())
                            .getMessage());
        }
    }

    /** The text of a user never becomes a place for a picture. */
    @Test
    void tagsInTextsAreText() {
        String tags = "<|vision_start|><|image_pad|><|vision_end|>";
        int pad = model.requireTokenizer().id("<|image_pad|>").orElseThrow();
        int[] ids = model.prompt(tags).image(PHOTO).tokens();
        assertEquals(6, Arrays.stream(ids).filter(id -> id == pad).count());
        assertEquals(
                0,
                Arrays.stream(model.prompt(tags).tokens())
                        .filter(id -> id == pad)
                        .count());
    }

    @Test
    void theTowerIsFoundOrNamed() throws IOException {
        assertTrue(model.seesImages());
        Path alone = Files.copy(
                vision.file(), Files.createDirectories(folder.resolve("alone")).resolve("tiny.gguf"));
        Path mmproj = vision.file().resolveSibling("mmproj-tiny-F32.gguf");
        try (Model blind = Model.load(alone)) {
            assertFalse(blind.seesImages());
            assertEquals(0, blind.memoryPlan().vision());
            assertTrue(String.valueOf(assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Model.loader(alone).loadVision(true).load())
                            .getMessage())
                    .startsWith("loadVision is set, but tiny.gguf has no vision tower; "));
            assertEquals(
                    "the prompt has an image, but tiny.gguf has no vision tower; for a GGUF model it is a file of its own, "
                            + "mmproj-*.gguf, which the model's page offers: put it beside the model, or give it to "
                            + "ModelLoader.vision",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> blind.prompt("?").image(PHOTO))
                            .getMessage());
        }
        Path foreign = Fixture.path("vision-vgtk-tied/gguf/mmproj-f32.gguf");
        Path beside = Files.copy(foreign, alone.resolveSibling("mmproj-a.gguf"));
        try (Model blind = Model.load(alone)) {
            assertFalse(blind.seesImages());
            assertEquals(0, blind.memoryPlan().vision());
            assertThrows(ModelFileException.class, () -> blind.prompt("?").image(PHOTO));
        }
        Files.copy(mmproj, beside, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(mmproj, alone.resolveSibling("MMPROJ-b.gguf"));
        try (Model blind = Model.load(alone)) {
            assertFalse(blind.seesImages());
            String message = String.valueOf(assertThrows(
                            IllegalArgumentException.class,
                            () -> blind.prompt("?").image(PHOTO))
                    .getMessage());
            assertTrue(message.contains("MMPROJ-b.gguf and mmproj-a.gguf; give one"), message);
        }
        Files.copy(foreign, alone.resolveSibling("mmproj-tiny-F16.gguf"));
        Files.copy(mmproj, alone.resolveSibling("tiny.mmproj-F32.gguf"));
        Files.copy(mmproj, alone.resolveSibling("tiny.mmproj-q8_0.gguf"));
        try (Model seeing = Model.load(alone)) {
            assertTrue(seeing.seesImages());
            assertEquals(
                    prompt().generate().tokens(),
                    seeing.prompt("What is the total?")
                            .image(PHOTO)
                            .imageTokens(1, 2048)
                            .temperature(0)
                            .maxTokens(8)
                            .generate()
                            .tokens());
        }
        List<Integer> expected = prompt().ignoreEnd().generate().tokens();
        List<Model> same = List.of(
                Model.loader(alone)
                        .imageTokens(1, 2048)
                        .vision(mmproj)
                        .loadVision(true)
                        .load(),
                Model.loader(Files.readAllBytes(vision.file()), "tiny.gguf")
                        .imageTokens(1, 2048)
                        .vision(Files.readAllBytes(mmproj), "mmproj.gguf")
                        .load());
        for (Model other : same) {
            try (other) {
                assertEquals(
                        expected,
                        other.prompt("What is the total?")
                                .image(PHOTO)
                                .temperature(0)
                                .maxTokens(8)
                                .ignoreEnd()
                                .generate()
                                .tokens());
            }
        }
    }

    @Test
    void aTowerThatDoesNotFitFailsToLoad() {
        Path other = Fixture.path("vision-vgtk-tied/gguf/mmproj-f32.gguf");
        String message = String.valueOf(assertThrows(
                        ModelFileException.class,
                        () -> vision.loader().vision(other).load())
                .getMessage());
        assertTrue(message.contains("that of another model: its rows have 64 numbers"), message);
        assertThrows(
                ModelFileException.class,
                () -> vision.loader().vision(vision.file()).load());
    }

    @Test
    void aSavedStateBelongsToItsTower() throws IOException {
        Path saved = folder.resolve("tower.chat");
        try (Chat chat = model.chat().temperature(0).maxTokens(3).open()) {
            chat.send(ask("?", PHOTO));
            chat.save(saved);
        }
        Path second = Files.createDirectories(folder.resolve("second"));
        Path file = Files.copy(vision.file(), second.resolve("tiny.gguf"));
        RandomModel.of("tiny").type("F32").seed(9).writeVisionTo(second.resolve("mmproj.gguf"), step -> {});
        try (Model other = Model.load(file)) {
            String message = String.valueOf(
                    assertThrows(ModelFileException.class, () -> other.chat().load(saved))
                            .getMessage());
            assertTrue(message.contains("its images were encoded with another vision tower"), message);
        }
    }

    @Test
    void aFileTellsWhetherTheModelSees() {
        try (ModelFile file = ModelFile.open(vision.file())) {
            assertEquals(2, file.visionSizes().get("depth"));
            assertEquals(new ImageUse(1, 96, 64, 320, 224, 70), file.imageUse(PHOTO));
            assertTrue(file.memoryPlan(100, "auto").vision() > 1 << 20);
            assertEquals(
                    file.memoryPlan(100, "f32").total()
                            - file.memoryPlan(100, "f32").vision(),
                    file.memoryPlan(100, "f32").weights()
                            + file.memoryPlan(100, "f32").recurrentState()
                            + file.memoryPlan(100, "f32").keysAndValues());
        }
        try (ModelFile file = ModelFile.open(vision.file().resolveSibling("mmproj-tiny-F32.gguf"))) {
            assertTrue(file.problem().isPresent());
        }
        assertTrue(
                model.memoryPlan().toString().endsWith(" vision"),
                model.memoryPlan().toString());
    }
}
