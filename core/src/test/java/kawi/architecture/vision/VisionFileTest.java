package kawi.architecture.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import kawi.ModelFileException;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.gguf.GgufFile;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataArray;
import kawi.gguf.MetadataType;
import kawi.image.PatchShape;
import kawi.kernels.WorkerPool;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from the headers of vision files, and what is refused. */
class VisionFileTest {

    private static final Path MMPROJ = Fixture.path("vision-vgtk-tied/gguf/mmproj-f32.gguf");
    private static final Path FOLDER = Fixture.path("vision-vgtk-tied/f32");

    @TempDir
    Path folder;

    @Test
    void bothLayoutsHaveTheSameSizes() {
        try (VisionFile gguf = VisionFile.open(MMPROJ);
                VisionFile hub = VisionFile.open(FOLDER)) {
            assertEquals(new VisionConfig(3, 32, 48, 2, 3, 16, 2, 2, 64, 64, 1e-6f), hub.config());
            assertEquals(hub.config(), gguf.config());
            assertEquals(hub.weightBytes(), gguf.weightBytes());
            assertEquals(16, hub.config().sizes().get("head_dim"));
        }
    }

    @Test
    void thePatchShapeIsThatOfThePreprocessor() {
        try (VisionFile gguf = VisionFile.open(MMPROJ);
                VisionFile hub = VisionFile.open(FOLDER)) {
            assertEquals(4096, hub.patchShape().minPixels());
            assertEquals(65536, hub.patchShape().maxPixels());
            assertEquals(PatchShape.DEFAULT.maxPixels(), gguf.patchShape().maxPixels());
            assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f}, gguf.patchShape().mean());
            assertEquals(32, gguf.patchShape().factor());
        }
    }

    @Test
    void aTextModelHasNoVision() {
        try (Checkpoint gguf = Checkpoint.open(Fixture.path(Fixture.F32_GGUF));
                Checkpoint hub = Checkpoint.open(Fixture.path(Fixture.BF16_FOLDER));
                Checkpoint vision = Checkpoint.open(FOLDER);
                Checkpoint mmproj = Checkpoint.open(MMPROJ)) {
            assertFalse(VisionFile.present(gguf));
            assertFalse(VisionFile.present(hub));
            assertTrue(VisionFile.present(vision));
            assertTrue(VisionFile.present(mmproj));
            assertEquals(
                    gguf.name()
                            + " has no vision encoder; an mmproj file with general.architecture \"clip\" is expected",
                    assertThrows(ModelFileException.class, () -> VisionFile.of(gguf))
                            .getMessage());
            assertEquals(
                    hub.name() + "/config.json: key vision_config is missing",
                    assertThrows(ModelFileException.class, () -> VisionFile.of(hub))
                            .getMessage());
        }
    }

    /** Copies the fixture's mmproj file except for some keys and tensors. */
    private Path copy(Predicate<String> kept, Consumer<GgufWriter> more) throws IOException {
        Path target = folder.resolve("mmproj.gguf");
        try (GgufFile from = GgufFile.open(MMPROJ)) {
            GgufWriter to = new GgufWriter();
            more.accept(to);
            for (String key : from.metadata().keys()) {
                if (kept.test(key)) {
                    Object value = from.metadata().value(key);
                    if (value instanceof MetadataArray array) {
                        to.put(key, array.elementType(), array.values());
                    } else {
                        to.put(key, from.metadata().type(key), value);
                    }
                }
            }
            for (String name : from.tensorNames()) {
                if (kept.test(name)) {
                    to.tensor(
                            name,
                            from.format(name),
                            from.shape(name),
                            from.tensor(name).data());
                }
            }
            to.writeTo(target);
        }
        return target;
    }

    private static String refusal(Path file) {
        return String.valueOf(
                assertThrows(ModelFileException.class, () -> load(file)).getMessage());
    }

    private static void load(Path file) {
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(1);
                VisionFile vision = VisionFile.open(file)) {
            vision.load(new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool), () -> false)
                    .close();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "clip.projector_type | ldpv2 | \"ldpv2\" is not supported, only \"qwen3vl_merger\", the one of Qwen3.5",
                "clip.projector_type | 7 | found a value of type u32, but expected a string",
                "clip.vision.block_count | 4 | there is no tensor v.blk.3.attn_q.weight",
                "clip.vision.block_count | 2 | tensor v.blk.2.attn_out.bias belongs to a vision encoder that Qwen3.5 does not have",
                "clip.vision.block_count | 0 | the value is 0, but must be from 1 to 1048576",
                "clip.vision.block_count | 100000 | vision depth 100000 is more than 1024",
                "clip.vision.embedding_length | 1000000 | is 4000000 wide, more than 1048576",
                "clip.vision.embedding_length | 48 | v.blk.0.attn_qkv.weight is 96 x 32, but the model's sizes require 144 x 48",
                "clip.vision.attention.head_count | 5 | vision hidden_size 32 does not divide into 5 heads whose size is a multiple of 4",
                "clip.vision.attention.head_count | 16 | vision hidden_size 32 does not divide into 16 heads whose size is a multiple of 4",
                "clip.vision.feed_forward_length | 47 | v.blk.0.ffn_up.weight is 48 x 32, but the model's sizes require 47 x 32",
                "clip.vision.projection_dim | 63 | mm.2.weight is 64 x 128, but the model's sizes require 63 x 128",
                "clip.vision.patch_size | 8 | v.patch_embd.weight is 1536 x 16, but the model's sizes require 768 x 8",
                "clip.vision.patch_size | 256 | v.patch_embd.weight is 1536 x 16, but the model's sizes require 24576 x 256",
                "clip.vision.embedding_length | 262144 | the vision patch kernel has 262144 x 1536 numbers, more than 268435456",
                "clip.vision.patch_size | 1000 | vision patch_size 1000 is not between 1 and 256",
                "clip.vision.spatial_merge_size | 17 | vision spatial_merge_size 17 is not between 1 and 16",
                "clip.vision.spatial_merge_size | 3 | mm.0.weight is 128 x 128, but the model's sizes require 288 x 288",
                "clip.vision.num_channels | 4 | vision in_channels is 4, but only RGB images are supported",
                "clip.use_silu | true | only GELU is supported",
                "clip.use_gelu | false | only GELU is supported"
            })
    void aKeyThatDoesNotFitIsASentence(String key, String value, String expected) throws IOException {
        Path file = copy(name -> !name.equals(key), to -> put(to, key, value));
        String message = refusal(file);
        assertTrue(message.contains(expected), message);
        assertTrue(message.contains("mmproj.gguf"), message);
    }

    private static void put(GgufWriter to, String key, String value) {
        if (value.equals("true") || value.equals("false")) {
            to.put(key, MetadataType.BOOL, Boolean.valueOf(value));
        } else if (value.matches("\\d+")) {
            to.put(key, MetadataType.UINT32, Long.valueOf(value));
        } else {
            to.put(key, MetadataType.STRING, value);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "v.blk.1.attn_qkv.weight, v.blk.1.attn_q.weight",
        "v.blk.2.ffn_up.bias, v.blk.2.ffn_up.bias",
        "v.position_embd.weight, v.position_embd.weight",
        "v.patch_embd.bias, v.patch_embd.bias",
        "mm.2.weight, mm.2.weight",
        "v.post_ln.bias, v.post_ln.bias",
        "clip.vision.patch_size, clip.vision.patch_size"
    })
    void whatIsMissingIsNamed(String omitted, String named) throws IOException {
        String message = refusal(copy(name -> !name.equals(omitted), to -> {}));
        assertTrue(message.contains(named), message);
    }

    @Test
    void deepstackIsRefused() throws IOException {
        String key = "clip.vision.is_deepstack_layers";
        Path file = copy(name -> !name.equals(key), to -> to.put(key, MetadataType.BOOL, List.of(false, true, false)));
        assertTrue(refusal(file).contains("deepstack, in which the text model reads the outputs of several vision"));
    }

    @ParameterizedTest
    @CsvSource({
        "v.deepstack.0.fc1.weight",
        "v.class_embd",
        "v.blk.1.attn_q_norm.weight",
        "v.blk.0.ffn_gate.weight",
        "mm.1.weight"
    })
    void aTensorOfAnotherEncoderIsRefused(String name) throws IOException {
        Path file = copy(
                kept -> true,
                to -> to.tensor(name, WeightFormats.byName("F32"), new long[] {32}, (row, out) -> out[0] = 1));
        assertTrue(refusal(file).contains("tensor " + name + " belongs to a vision encoder"));
    }

    /** Copies the fixture's folder with a change to its configuration. */
    private Path changed(String file, String from, String to) throws IOException {
        for (String name : List.of("config.json", "preprocessor_config.json", "model.safetensors")) {
            Files.copy(FOLDER.resolve(name), folder.resolve(name));
        }
        String text = Files.readString(folder.resolve(file));
        assertTrue(text.contains(from), from);
        Files.writeString(folder.resolve(file), text.replace(from, to));
        return folder;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"depth\": 3 | \"depth\": 4 | model.visual.blocks.3.",
                "gelu_pytorch_tanh | relu | key hidden_act: \"relu\" is not supported, only \"gelu_pytorch_tanh\"",
                "\"deepstack_visual_indexes\": [] | \"deepstack_visual_indexes\": [1] | deepstack_visual_indexes is not empty",
                "\"patch_size\": 16, | \"patch_size\": 8, | key patch_size is 16, but the vision configuration of the model says 8",
                "\"temporal_patch_size\": 2 | \"temporal_patch_size\": 1 | but the vision configuration of the model says 1",
                "\"num_position_embeddings\": 64 | \"num_position_embeddings\": 63 | 63 is not a square",
                "\"num_heads\": 2 | \"num_heads\": \"2\" | key num_heads should be a 32-bit integer",
                "\"depth\": 3 | \"depth\": 2000000000 | vision depth 2000000000 is not between 1 and 1048576"
            })
    void aConfigurationThatDoesNotFitIsASentence(String from, String to, String expected) throws IOException {
        String message = refusal(changed("config.json", from, to));
        assertTrue(message.contains(expected), message);
    }

    @Test
    void theKernelMustHaveItsShape() throws IOException {
        // Without the preprocessor's configuration, which would be refused first.
        Path changed = changed("config.json", "\"patch_size\": 16,", "\"patch_size\": 8,");
        Files.delete(changed.resolve("preprocessor_config.json"));
        String message = refusal(changed);
        assertTrue(
                message.contains("has the shape [32, 3, 2, 16, 16], but the model's sizes require [32, 3, 2, 8, 8]"));
    }

    @Test
    void aPreprocessorThatCannotBeIsASentence() throws IOException {
        Path changed = changed("preprocessor_config.json", "\"longest_edge\": 65536", "\"longest_edge\": 7");
        assertTrue(refusal(changed).contains("limits of images: 4096 to 7 pixels"));
    }
}
