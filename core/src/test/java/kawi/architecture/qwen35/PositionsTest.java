package kawi.architecture.qwen35;

import static kawi.architecture.Reference.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import kawi.architecture.Batch;
import kawi.architecture.Reference;
import kawi.architecture.Runs;
import kawi.architecture.SequenceState;
import kawi.architecture.TestModel;
import kawi.compute.KernelTier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Text with the embeddings of pictures in it, whose rows have positions in time, height and width, against transformers
 * 5.18. The embeddings are the reference's.
 */
class PositionsTest {

    private static final double TOLERANCE = 1e-4;
    private static final Reference REFERENCE = new Reference("vision-vgtk-tied/f32");

    /** A picture's rows, from {@code from} on, and where in the embeddings theirs begin. */
    private static void append(Batch batch, String text, int[] ids, int picture, MemorySegment embeddings) {
        int hidden = 64;
        JsonNode positions = REFERENCE.json().get(text + ".position_ids_thw");
        int taken = 0;
        int from = 0;
        while (from < ids.length) {
            boolean given = ids[from] == picture;
            int to = from;
            while (to < ids.length && (ids[to] == picture) == given) {
                to++;
            }
            int rows = to - from;
            if (given) {
                int[] thw = new int[rows * Batch.AXES];
                for (int i = 0; i < thw.length; i++) {
                    thw[i] = positions
                            .get(i % Batch.AXES)
                            .get(from + i / Batch.AXES)
                            .intValue();
                }
                long rowBytes = hidden * 4L;
                batch.embeddings(embeddings.asSlice(taken * rowBytes, rows * rowBytes), rows, thw, new long[rows]);
                taken += rows;
            } else {
                batch.ids(ids, from, rows);
                for (int row = from; row < to; row++) {
                    assertEquals(
                            positions.get(0).get(row).intValue(), batch.position(row, 0), "position of row " + row);
                }
            }
            from = to;
        }
    }

    private static SequenceState run(TestModel model, String text, String embeddings, String placeholder) {
        int[] ids = REFERENCE.ids(text + ".ids");
        SequenceState sequence = model.sequence();
        Batch batch = new Batch().span(sequence, ids.length, 0);
        int picture = REFERENCE.json().get(placeholder).intValue();
        append(batch, text, ids, picture, MemorySegment.ofArray(REFERENCE.expected(embeddings)));
        model.decoder().forward(batch, () -> false);
        return sequence;
    }

    @ParameterizedTest
    @CsvSource({
        "vision-vgtk-tied/f32, merged, vision.merger, image_token_id",
        "vision-vgtk-tied/f32, video, video.merger, video_token_id",
        "vision-vgtk-tied/gguf/model-f32.gguf, merged, vision.merger, image_token_id",
    })
    void picturesInTextReproduceTheReference(String model, String text, String embeddings, String placeholder) {
        for (KernelTier tier : KernelTier.values()) {
            try (TestModel opened = new TestModel(model, tier, 2)) {
                SequenceState sequence = run(opened, text, embeddings, placeholder);
                assertClose(
                        REFERENCE.expected(text + ".logits"),
                        Runs.outputs(opened.decoder(), sequence),
                        TOLERANCE,
                        tier + " " + text + ".logits");
            }
        }
    }

    /** After a picture, positions fall behind slots: decoding goes on at the position that follows the largest. */
    @ParameterizedTest
    @ValueSource(strings = "vision-vgtk-tied/f32")
    void decodingGoesOnBehindThePicture(String model) {
        try (TestModel opened = new TestModel(model, KernelTier.SCALAR, 1)) {
            SequenceState sequence = run(opened, "merged", "vision.merger", "image_token_id");
            int delta = REFERENCE.json().get("merged.rope_delta").intValue();
            assertEquals(sequence.length() + delta, sequence.nextPosition());
            int[] greedy = REFERENCE.ids("merged.greedy");
            assertArrayEquals(greedy, Runs.greedy(opened.decoder(), sequence, greedy.length));
        }
    }

    /** Three positions that are equal are one. */
    @ParameterizedTest
    @ValueSource(strings = {"text-vgtk-tied/f32", "text-vgtk-tied/gguf/model-f32.gguf"})
    void equalPositionsAreAsOne(String fixture) {
        int[] ids = {5, 6, 7, 8, 9, 10, 11};
        for (KernelTier tier : KernelTier.values()) {
            try (TestModel model = new TestModel(fixture, tier, 1)) {
                float[] expected = model.logits(model.sequence(), ids);
                int[] positions = new int[ids.length * Batch.AXES];
                Arrays.setAll(positions, i -> i / Batch.AXES);
                SequenceState sequence = model.sequence();
                Batch batch = new Batch().span(sequence, ids.length, 0);
                batch.embeddings(
                        MemorySegment.ofArray(model.embeddings(ids)), ids.length, positions, new long[ids.length]);
                model.decoder().forward(batch, () -> false);
                assertArrayEquals(expected, Runs.outputs(model.decoder(), sequence));
            }
        }
    }

    /** Files of text models may leave the sections out, and GGUF files add a fourth that nothing uses. */
    @Test
    void sectionsComeInSeveralForms() {
        assertEquals(List.of(11, 11, 10), Qwen35Config.sections(List.of(11, 11, 10), 64));
        assertEquals(List.of(11, 11, 10), Qwen35Config.sections(List.of(11, 11, 10, 0), 64));
        assertEquals(List.of(32, 0, 0), Qwen35Config.sections(List.of(), 64));
    }
}
