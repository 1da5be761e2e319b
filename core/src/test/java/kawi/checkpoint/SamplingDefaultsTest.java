package kawi.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kawi.Sampling;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a file says about sampling never keeps a model from loading. */
class SamplingDefaultsTest {

    private static final Sampling NONE = Sampling.defaults();

    @TempDir
    Path temp;

    private Optional<Sampling> folder(String json) throws IOException {
        Path file = Files.writeString(temp.resolve("generation_config.json"), json);
        return SamplingDefaults.of(JsonFile.read(file));
    }

    private static Optional<Sampling> gguf(Path folder, String key, MetadataType type, Object value) {
        Path file = GgufEdit.of(Fixture.path(Fixture.Q8_0_GGUF))
                .put("general.sampling." + key, type, value)
                .writeTo(folder.resolve("sampling.gguf"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            return checkpoint.sampling();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"top_k\": -1}",
                "{\"top_k\": 0}",
                "{\"top_k\": 4294967295}",
                "{\"top_p\": -1, \"min_p\": -1, \"typical_p\": 1.0, \"repetition_penalty\": -1}",
                "{\"do_sample\": true}",
                "{\"do_sample\": true, \"temperature\": -1}",
                "{\"do_sample\": true, \"temperature\": \"hot\", \"top_p\": 0, \"min_p\": 7, \"top_k\": 2.5}",
                "{\"do_sample\": \"yes\", \"temperature\": 1}",
                "{\"do_sample\": true, \"temperature\": NaN, \"top_p\": Infinity}",
            })
    void whatIsOffOrCannotBeUsedIsAsIfItWereMissing(String json) throws IOException {
        assertEquals(Optional.of(NONE), folder(json));
    }

    @Test
    void aFileWithoutOptionsHasNoDefaults() throws IOException {
        assertEquals(Optional.empty(), folder("{\"eos_token_id\": [1, 2], \"temperature\": null}"));
        assertEquals(Optional.of(Sampling.greedy()), folder("{\"do_sample\": false, \"temperature\": 0.7}"));
    }

    @Test
    void optionsAreRead() throws IOException {
        assertEquals(
                Optional.of(NONE.temperature(0.6).topK(20).topP(0.95).minP(0.1).repetitionPenalty(1.1)),
                folder("{\"temperature\": 0.6, \"top_k\": 20.0, \"top_p\": 0.95, \"min_p\": 0.1,"
                        + " \"repetition_penalty\": 1.1}"));
        assertEquals(
                Optional.of(NONE.typicalP(0.9).presencePenalty(1.5).frequencyPenalty(-0.5)),
                folder("{\"typical_p\": 0.9, \"presence_penalty\": 1.5, \"frequency_penalty\": -0.5}"));
    }

    @Test
    void ggufOptionsAreThoseOfLlamaCpp() {
        assertEquals(Optional.of(NONE), gguf(temp, "top_k", MetadataType.INT32, -1));
        assertEquals(Optional.of(NONE), gguf(temp, "top_k", MetadataType.UINT32, 0xFFFF_FFFFL));
        assertEquals(Optional.of(NONE.topK(20)), gguf(temp, "top_k", MetadataType.FLOAT32, 20));
        assertEquals(Optional.of(NONE.temperature(0.5)), gguf(temp, "temp", MetadataType.FLOAT64, 0.5));
        assertEquals(Optional.of(NONE.temperature(2)), gguf(temp, "temp", MetadataType.UINT8, 2));
        assertEquals(Optional.empty(), gguf(temp, "temp", MetadataType.STRING, "0.5"));
        assertEquals(Optional.empty(), gguf(temp, "temp", MetadataType.FLOAT32, Float.NaN));
        assertEquals(Optional.empty(), gguf(temp, "mirostat", MetadataType.INT32, 2));
        assertEquals(
                Optional.of(NONE.repetitionPenalty(1.5)), gguf(temp, "penalty_repeat", MetadataType.FLOAT32, 1.5f));
        assertEquals(Optional.of(NONE.penaltyWindow(64)), gguf(temp, "penalty_last_n", MetadataType.INT32, 64));
        assertEquals(Optional.of(NONE), gguf(temp, "penalty_last_n", MetadataType.INT32, -1));
    }
}
