package kawi.architecture.qwen35;

import static kawi.architecture.Reference.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import kawi.architecture.Decoder;
import kawi.architecture.Reference;
import kawi.architecture.Runs;
import kawi.architecture.registry.Architectures;
import kawi.checkpoint.Checkpoint;
import kawi.compute.Compute;
import kawi.compute.KernelTier;
import kawi.compute.TierChoice;
import kawi.files.Fixture;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.kernels.WorkerPool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ratios of heads of the 27B model: 6 attention heads to a head of keys and values, 3 value heads of linear
 * attention to a key head, neither of which is a power of two, and an output head of its own.
 */
class OddRatiosTest {

    private static final String FOLDER = "text-v3-untied";
    private static final double TOLERANCE = 1e-4;

    private static float[] logits(Compute compute, Arena arena, String path, KvFormat kvFormat, int... chunks) {
        int[] ids = new Reference(FOLDER).ids("ids");
        try (Checkpoint checkpoint = Checkpoint.open(Fixture.path(path));
                Decoder decoder = Architectures.read(checkpoint).bind(compute, KvFormats.of(kvFormat), arena)) {
            return Runs.logits(decoder, ids, chunks);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {FOLDER, FOLDER + "/model-bf16.gguf"})
    void logitsAreThoseOfTheReferenceInAllTiersAndChunks(String path) {
        float[] expected = Reference.expected(FOLDER + "/reference.safetensors", "logits");
        try (Arena arena = Arena.ofShared();
                WorkerPool pool = new WorkerPool(2)) {
            Compute scalar = new Compute(TierChoice.kernels(KernelTier.SCALAR, arena), pool);
            float[] once = logits(scalar, arena, path, KvFormat.F32, expected.length);
            assertClose(expected, once, TOLERANCE, path);
            float[] half = logits(scalar, arena, path, KvFormat.F16, expected.length);
            for (KernelTier tier : KernelTier.values()) {
                if (TierChoice.obstacle(tier).isEmpty()) {
                    Compute compute = new Compute(TierChoice.kernels(tier, arena), pool);
                    assertArrayEquals(once, logits(compute, arena, path, KvFormat.F32, 5, 1), tier.label());
                    assertArrayEquals(half, logits(compute, arena, path, KvFormat.F16, 3, 1), tier.label());
                }
            }
        }
    }
}
