package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import kawi.LogitsProcessor;
import kawi.Sampling;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerAllocationTest {

    static List<Sampling> options() {
        var d = Sampling.defaults();
        return List.of(
                Sampling.greedy(),
                d,
                d.topK(20).topP(0.95).presencePenalty(1.5),
                d.topP(0.95),
                d.minP(0.05),
                d.typicalP(0.9),
                d.repetitionPenalty(1.1).frequencyPenalty(0.1).penaltyWindow(64));
    }

    @ParameterizedTest
    @MethodSource("options")
    void steadyStateDoesNotAllocate(Sampling options) throws ReflectiveOperationException {
        int vocabulary = 50_000;
        float[] source = new float[vocabulary];
        var random = new Random(2);
        for (int i = 0; i < vocabulary; i++) {
            source[i] = (float) (3 * random.nextGaussian());
        }
        var padding = new BitSet();
        padding.set(49_900, vocabulary);
        LogitsProcessor boost = (tokens, logits) -> logits[tokens.get(0)] += 1;
        // The capacity of the history is one and a half times the length of the prompt.
        var sampler = new Sampler(options, vocabulary, padding, List.of(boost), new int[4000]);
        float[] logits = new float[vocabulary];
        generate(sampler, source, logits, 200);
        long before = allocatedBytes();
        generate(sampler, source, logits, 200);
        long perToken = (allocatedBytes() - before) / 200;
        assertTrue(perToken < 32, () -> perToken + " bytes per token");
    }

    private static void generate(Sampler sampler, float[] source, float[] logits, int tokens) {
        for (int i = 0; i < tokens; i++) {
            System.arraycopy(source, 0, logits, 0, logits.length);
            // A few ids, so that the table of the penalties has its final size.
            sampler.sample(logits);
            sampler.accept(i % 100);
        }
    }

    /** Uses reflection because the module under test does not read the management modules. */
    private static long allocatedBytes() throws ReflectiveOperationException {
        Object bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (long) bytes.invoke(bean);
    }
}
