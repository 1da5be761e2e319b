package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import kawi.Model;
import kawi.Prompt;
import kawi.Sampling;
import kawi.Sequence;
import kawi.Speculation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a token costs in garbage from end to end: the text that comes out, and hardly more. */
class DecodeAllocationTest {

    private static final String PROMPT = "Once upon a time";

    /** Enough for all buffers, such as those of guesses, to have reached their size. */
    private static final int FEW = 120;

    private static final int MANY = 320;
    private static final int TRIALS = 5;

    /**
     * A token's text is two objects of 24 bytes or more, and buffers double in size; the layers vary by as much again.
     */
    private static final int MAX_PER_TOKEN = 256;

    /** Of everything, the layers included. */
    private static final int MAX_PER_TOKEN_TOGETHER = 1024;

    private static final int TOGETHER = 8;

    /** Automatic speculation is left out, because the time at which its buffers reach their size varies. */
    static Stream<Arguments> options() {
        return samplings()
                .flatMap(sampling -> Stream.of(Speculation.off(), Speculation.upTo(4))
                        .map(speculation -> Arguments.of(sampling, speculation)));
    }

    private static Stream<Sampling> samplings() {
        return Stream.of(
                Sampling.greedy(),
                Sampling.defaults()
                        .temperature(0.8)
                        .topK(20)
                        .topP(0.9)
                        .presencePenalty(0.5)
                        .seed(1));
    }

    @ParameterizedTest
    @MethodSource("options")
    void generatingMakesLittleMoreThanItsText(Sampling sampling, Speculation speculation)
            throws ReflectiveOperationException, IOException {
        try (InputStream gguf = Objects.requireNonNull(getClass().getResourceAsStream("/kawi/demo/demo-q8_0.gguf"));
                Model model = Model.loader(gguf.readAllBytes(), "demo-q8_0.gguf")
                        .threads(1)
                        .load()) {
            long generation = Long.MAX_VALUE;
            long layers = Long.MAX_VALUE;
            for (int trial = 0; trial < TRIALS; trial++) {
                generation = Math.min(
                        generation,
                        generation(model, sampling, speculation, MANY) - generation(model, sampling, speculation, FEW));
                layers = Math.min(layers, layers(model));
            }
            long perToken = (generation - layers) / (MANY - FEW);
            String found = "%d bytes per token, beside %d in the layers".formatted(perToken, layers / (MANY - FEW));
            assertTrue(perToken < MAX_PER_TOKEN, found);
        }
    }

    @Test
    void answersTogetherMakeNoMoreThanOne() throws Exception {
        try (InputStream gguf = Objects.requireNonNull(getClass().getResourceAsStream("/kawi/demo/demo-q8_0.gguf"));
                Model model = Model.loader(gguf.readAllBytes(), "demo-q8_0.gguf")
                        .threads(1)
                        .load()) {
            long least = Long.MAX_VALUE;
            for (int trial = 0; trial < TRIALS; trial++) {
                least = Math.min(least, together(model, MANY) - together(model, FEW));
            }
            long perToken = least / (TOGETHER * (MANY - FEW));
            assertTrue(perToken < MAX_PER_TOKEN_TOGETHER, perToken + " bytes per token");
        }
    }

    /** What the threads of several answers allocate, the leader of each pass among them. */
    private static long together(Model model, int tokens) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(TOGETHER)) {
            Callable<Long> answer = () -> generation(model, Sampling.greedy(), Speculation.upTo(4), tokens);
            long sum = 0;
            for (Future<Long> each : threads.invokeAll(Collections.nCopies(TOGETHER, answer))) {
                sum += each.get();
            }
            return sum;
        }
    }

    private static long generation(Model model, Sampling sampling, Speculation speculation, int tokens)
            throws ReflectiveOperationException {
        Prompt prompt = model.prompt(PROMPT)
                .raw()
                .sampling(sampling)
                .speculation(speculation)
                .ignoreEnd()
                .maxTokens(tokens);
        long before = allocatedBytes();
        prompt.generate();
        return allocatedBytes() - before;
    }

    /** What the model itself takes for as many tokens; no matter which. */
    private static long layers(Model model) throws ReflectiveOperationException {
        try (Sequence sequence = model.newSequence()) {
            int[] token = {1};
            float[] logits = new float[model.vocabularySize()];
            for (int i = 0; i < FEW; i++) {
                sequence.append(token);
                sequence.logits(logits);
            }
            long before = allocatedBytes();
            for (int i = FEW; i < MANY; i++) {
                sequence.append(token);
                sequence.logits(logits);
            }
            return allocatedBytes() - before;
        }
    }

    /** By reflection, because the module under test does not read the management modules. */
    private static long allocatedBytes() throws ReflectiveOperationException {
        Object bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (long) bytes.invoke(bean);
    }
}
