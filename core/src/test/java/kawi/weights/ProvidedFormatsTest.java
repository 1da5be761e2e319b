package kawi.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import example.Faulty;
import example.Sixtyfourths;
import example.TurnedNibbles;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import kawi.KernelSupport;
import kawi.Model;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.ModelLoader;
import kawi.Quantization;
import kawi.Sequence;
import kawi.WeightFormatCheck;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.GgufFile;
import kawi.quant.Tensor;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;
import kawi.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models whose weights are in formats that Kawi does not know. */
class ProvidedFormatsTest {

    private static final int[] IDS = {1, 17, 250};

    private static final WeightFormat F32 = WeightFormats.byName("F32");
    private static final WeightFormat Q4_0 = WeightFormats.byName("Q4_0");

    @TempDir
    Path folder;

    /** Converts the matrices of a tensor, given as floats, to bytes. */
    @FunctionalInterface
    private interface Encoder {
        MemorySegment encode(float[] weights);
    }

    /** A copy of the fixture whose matrices are in another format, the embedding included. */
    private Path model(String name, WeightFormat format, Encoder encoder) {
        GgufEdit edit = GgufEdit.of(Fixture.path(Fixture.F32_GGUF));
        try (GgufFile file = GgufFile.open(Fixture.path(Fixture.F32_GGUF))) {
            for (String tensor : file.tensorNames()) {
                Tensor weights = file.tensor(tensor);
                if (file.shape(tensor).length == 2 && weights.columns() % 32 == 0) {
                    edit.removeTensors(tensor::equals);
                    edit.tensor(tensor, format, file.shape(tensor), encoder.encode(weights.toFloats()));
                }
            }
        }
        return edit.writeTo(folder.resolve(name));
    }

    private static MemorySegment encoded(WeightFormat format, float[] weights) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(format.bytes(weights.length))]);
        format.encode(weights, 0, weights.length, bytes, 0);
        return bytes;
    }

    private Path sixtyfourths() {
        WeightFormat format = new ProvidedFormat(new Sixtyfourths());
        return model("s64.gguf", format, weights -> encoded(format, weights));
    }

    private Path turned() {
        return model("turned.gguf", new ProvidedFormat(new TurnedNibbles()), weights -> turn(encoded(Q4_0, weights)));
    }

    /** The bytes of Q4_0 blocks in the order of {@link TurnedNibbles}. */
    private static MemorySegment turn(MemorySegment q40) {
        byte[] in = q40.toArray(ValueLayout.JAVA_BYTE);
        byte[] out = new byte[in.length];
        for (int block = 0; block < in.length; block += 18) {
            for (int i = 0; i < 32; i++) {
                int q = (i < 16 ? in[block + 2 + i] : in[block + 2 + i - 16] >> 4) & 15;
                out[block + i / 2] |= (byte) (i % 2 == 0 ? q << 4 : q);
            }
            out[block + 16] = in[block + 1];
            out[block + 17] = in[block];
        }
        return MemorySegment.ofArray(out);
    }

    // The check compares the vector tier too, which takes many seconds in a cold JVM.
    private static List<String> tiers() {
        return KernelSupport.detect().tiers().stream()
                .filter(KernelSupport.Tier::available)
                .map(KernelSupport.Tier::name)
                .filter(tier -> !tier.equals("vector"))
                .toList();
    }

    private static float[] logits(Path file, String tier) {
        return logits(Model.loader(file).kernels(tier));
    }

    private static float[] logits(ModelLoader loader) {
        try (Model model = loader.load();
                Sequence sequence = model.newSequence()) {
            sequence.append(IDS);
            return sequence.logits();
        }
    }

    private float[] provided(Path file, String tier) throws Exception {
        return new Providers(folder, Sixtyfourths.class, TurnedNibbles.class).call(() -> logits(file, tier));
    }

    @Test
    void floatsAreTheSameWeightsInF32() throws Exception {
        Path file = sixtyfourths();
        ProvidedFormat format = new ProvidedFormat(new Sixtyfourths());
        Path same = model("f32.gguf", F32, weights -> {
            float[] rounded = new float[weights.length];
            format.decode(encoded(format, weights), 0, rounded, 0, rounded.length);
            return encoded(F32, rounded);
        });
        for (String tier : tiers()) {
            assertArrayEquals(logits(same, tier), provided(file, tier), tier);
        }
    }

    @Test
    void integersAreTheSameIntegersInQ4_0() throws Exception {
        Path file = turned();
        Path same = model("q4_0.gguf", Q4_0, weights -> encoded(Q4_0, weights));
        for (String tier : tiers()) {
            assertArrayEquals(logits(same, tier), provided(file, tier), tier);
        }
    }

    @Test
    void modelsAreWrittenAndLoadedInProvidedFormats() throws Exception {
        Path original = Fixture.path(Fixture.BF16_FOLDER);
        Path file = folder.resolve("out.gguf");
        Providers providers = new Providers(folder, Sixtyfourths.class, TurnedNibbles.class);
        providers.call(() -> Quantization.of(original, "sixtyfourths")
                .tensor("ffn_down", "Q8_0")
                .writeTo(file, step -> {}));
        try (GgufFile written = providers.call(() -> GgufFile.open(file))) {
            assertEquals("SIXTYFOURTHS", written.format("token_embd.weight").name());
            assertEquals("SIXTYFOURTHS", written.format("blk.0.ssm_out.weight").name());
        }
        Path all = folder.resolve("all.gguf");
        providers.call(() -> Quantization.of(original, "SIXTYFOURTHS").writeTo(all, step -> {}));
        for (String tier : tiers()) {
            float[] ofFile = providers.call(() -> logits(all, tier));
            assertArrayEquals(
                    ofFile,
                    providers.call(() -> logits(
                            Model.loader(original).quantize("SIXTYFOURTHS").kernels(tier))),
                    tier);
        }
    }

    @Test
    void formatsThatCannotBeWrittenAreRejected() {
        Path original = Fixture.path(Fixture.BF16_FOLDER);
        Path file = folder.resolve("out.gguf");
        Providers providers = new Providers(folder, TurnedNibbles.class, Faulty.Typeless.class, Faulty.Weak.class);
        assertEquals(
                "weights in TurnedNibbles can be read, but not written",
                rejection(providers, Quantization.of(original, "TurnedNibbles"), file));
        assertEquals(
                "the weight format Typeless (example.Faulty$Typeless) has no type number in GGUF files (ggufType)",
                rejection(providers, Quantization.of(original, "Typeless"), file));
        assertTrue(rejection(providers, Quantization.of(original, "Sixtyfourths"), file)
                .startsWith("there is no format \"Sixtyfourths\" to write; the formats are F32, "));
        String failure = String.valueOf(assertThrows(
                        ModelFileException.class,
                        () -> providers.call(
                                () -> Quantization.of(original, "Weak").writeTo(file, step -> {})))
                .getMessage());
        assertTrue(
                failure.endsWith("row 0: the weight format Weak (example.Faulty$Weak) cannot encode the weights: "
                        + "java.lang.IllegalStateException: not today"),
                failure);
        assertFalse(Files.exists(file));
    }

    private static String rejection(Providers providers, Quantization quantization, Path file) {
        return String.valueOf(assertThrows(
                        IllegalArgumentException.class,
                        () -> providers.call(() -> quantization.writeTo(file, step -> {})))
                .getMessage());
    }

    /** The matrices are held as floats, and the embedding, which is also the head, as rows besides. */
    @Test
    void thePlanIncludesTheRowsOfTheEmbedding() throws Exception {
        Path path = sixtyfourths();
        Path same = model("f32.gguf", F32, weights -> encoded(F32, weights));
        try (ModelFile file = new Providers(folder, Sixtyfourths.class).call(() -> ModelFile.open(path));
                ModelFile floats = ModelFile.open(same)) {
            assertEquals(
                    floats.memoryPlan(64, "f32").weights() + 272 * 64 * 4,
                    file.memoryPlan(64, "f32").weights());
        }
    }

    @Test
    void filesAreDescribed() throws Exception {
        Path path = turned();
        try (ModelFile file = new Providers(folder, TurnedNibbles.class).call(() -> ModelFile.open(path))) {
            ModelFile.TensorInfo embedding = file.tensors().stream()
                    .filter(tensor -> tensor.name().equals("token_embd.weight"))
                    .findFirst()
                    .orElseThrow();
            assertEquals("TurnedNibbles", embedding.format());
            assertTrue(embedding.supported());
            assertEquals(272 * 64 / 32 * 18, embedding.bytes());
        }
    }

    private String failure(Path file, Providers providers) {
        return String.valueOf(assertThrows(ModelFileException.class, () -> providers.call(() -> logits(file, "scalar")))
                .getMessage());
    }

    private static final String UNKNOWN = "turned.gguf: tensor token_embd.weight: "
            + "tensor type number 7002 is not supported; Kawi reads "
            + String.join(
                    ", ", WeightFormats.all().stream().map(WeightFormat::name).toList());

    @Test
    void withoutTheFormatTheTypeIsNotSupported() {
        assertEquals(UNKNOWN, failure(turned(), new Providers(folder, Sixtyfourths.class)));
    }

    @Test
    void ofTwoFormatsForATypeNeitherIsUsed() {
        assertEquals(
                UNKNOWN + "; the weight formats example.TurnedNibbles and example.Faulty$Rival are not used:"
                        + " they are for GGUF type 7002",
                failure(turned(), new Providers(folder, TurnedNibbles.class, Faulty.Rival.class, Sixtyfourths.class)));
    }

    @Test
    void theMessageSaysWhichFormatsAreNotUsedAndWhy() {
        List<String> names = List.of(
                "example.Faulty$OwnType",
                "example.Faulty$OwnName",
                "example.Sixtyfourths",
                "example.Faulty$Unborn",
                "example.Missing");
        assertEquals(
                UNKNOWN
                        + "; the weight format example.Faulty$OwnType is not used: ggufType() is 2, which Kawi reads itself, as Q4_0"
                        + "; the weight format example.Faulty$OwnName is not used: its name is q4_k, which is a format that Kawi has itself"
                        + "; the weight format example.Faulty$Unborn is not used: it cannot be created: java.lang.IllegalStateException: no license"
                        + "; a weight format cannot be found: kawi.WeightFormat: Provider example.Missing not found",
                failure(turned(), new Providers(folder, names)));
    }

    @Test
    void anExceptionOfADecoderEndsTheLoading() {
        Path file = turned();
        for (String tier : tiers()) {
            ModelFileException failure = assertThrows(
                    ModelFileException.class,
                    () -> new Providers(folder, Faulty.Tired.class).call(() -> logits(file, tier)));
            String message = String.valueOf(failure.getMessage());
            assertTrue(
                    message.matches("turned\\.gguf: tensor [a-z0-9_.]+: the weight format Tired"
                            + " \\(example\\.Faulty\\$Tired\\) cannot decode row \\d+:"
                            + " java\\.lang\\.IllegalStateException: out of patience"),
                    message);
            assertInstanceOf(IllegalStateException.class, failure.getCause());
        }
    }

    @Test
    void examplesPassTheCheck() {
        WeightFormatCheck.run(new Sixtyfourths());
        WeightFormatCheck.run(new TurnedNibbles());
        WeightFormatCheck.run(new Faulty.Bytes());
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                arguments(new Faulty.Nameless(), "its name is not 1 to 64 letters"),
                arguments(new Faulty.OwnName(), "its name is q4_k, which is a format that Kawi has itself"),
                arguments(new Faulty.OwnType(), "ggufType() is 2, which Kawi reads itself, as Q4_0"),
                arguments(new Faulty.Nowhere(), "neither a ggufType() nor a safetensorsType()"),
                arguments(new Faulty.NoBlocks(), "blockSize() is 0, but must be from 1 to 65536"),
                arguments(new Faulty.Shortened(), "decoded at an address shifted by 0: weight 1 is 12345.678"),
                arguments(new Faulty.Eager(), "has changed element 2, which is outside of them"),
                arguments(new Faulty.Careless(), "decode of random bytes has thrown java.lang."),
                arguments(new Faulty.Aligned(), "decode of random bytes has thrown java.lang."),
                arguments(
                        new Faulty.Chained(),
                        "blocks 1 to 1 of random bytes, decoded at an address shifted by 0: weight"),
                arguments(new Faulty.Particular(), "decode of random bytes has thrown java.lang.ArrayIndexOutOf"),
                arguments(new Faulty.Lossy(), "as bad as that of zeros"),
                arguments(new Faulty.Wide(), "but by largestQuant() they are from 0 to 100"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void theCheckFindsFaults(kawi.WeightFormat format, String sentence) {
        AssertionError failure = assertThrows(AssertionError.class, () -> WeightFormatCheck.run(format));
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.startsWith("weight format " + format.getClass().getName() + ": "), message);
        assertTrue(message.contains(sentence), message);
    }

    private SafetensorsFile safetensors(String shape, int bytes) throws Exception {
        String header =
                "{\"t\": {\"dtype\": \"S64\", \"shape\": %s, \"data_offsets\": [0, %d]}}".formatted(shape, bytes);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + header.length() + bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < bytes; i++) {
            file.put((byte) (16 * i - 32));
        }
        return new Providers(folder, Sixtyfourths.class)
                .call(() -> SafetensorsFile.of(MemorySegment.ofArray(file.array()), "test.safetensors"));
    }

    @Test
    void tensorsOfSafetensorsFilesAreDecoded() throws Exception {
        try (SafetensorsFile file = safetensors("[2, 3]", 6)) {
            Tensor tensor = file.tensor("t");
            assertEquals(2, tensor.rows());
            assertArrayEquals(new float[] {-0.5f, -0.25f, 0, 0.25f, 0.5f, 0.75f}, tensor.toFloats());
            float[] row = new float[3];
            tensor.decodeRow(1, row, 0);
            assertArrayEquals(new float[] {0.25f, 0.5f, 0.75f}, row);
        }
    }

    @Test
    void tensorsOfSafetensorsFilesHaveTheBytesOfTheirBlocks() throws Exception {
        try (SafetensorsFile file = safetensors("[2, 3]", 5)) {
            assertEquals(
                    "test.safetensors: tensor t: 2 x 3 SIXTYFOURTHS needs 6 bytes, but its data have 5",
                    assertThrows(ModelFileException.class, () -> file.tensor("t"))
                            .getMessage());
        }
    }

    /** Kernels read rows in pieces of any size. */
    @Test
    void piecesOfConvertedRowsAreThoseOfTheWhole() {
        byte[] stored = new byte[5 * 3];
        new Random(1).nextBytes(stored);
        Tensor tensor = new ProvidedFormat(new Sixtyfourths())
                .tensor("file", "t", 5, 3, TensorSource.of(MemorySegment.ofArray(stored)));
        byte[] whole = tensor.data().toArray(ValueLayout.JAVA_BYTE);
        assertEquals(5 * 3 * Float.BYTES, whole.length);
        for (int from = 0; from <= whole.length; from++) {
            for (int to = from; to <= whole.length; to++) {
                MemorySegment piece =
                        tensor.source().read(from, to - from, (size, _) -> MemorySegment.ofArray(new byte[(int) size]));
                assertArrayEquals(Arrays.copyOfRange(whole, from, to), piece.toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }
}
