package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import kawi.MemoryPlan;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {

    private static final long GIB = 1L << 30;

    /** 2 GiB of weights, and keys and values of 3 GiB in f16 at 262,144 tokens. */
    private static MemoryPlan plan(KvFormats formats, int contextLength) {
        long bits = switch (formats.keys()) {
            case F32 -> 32;
            case F16 -> 16;
            case Q8 -> 8;
            case Q4 -> 4;
        };
        return new MemoryPlan(2 * GIB, 0, 3 * GIB * bits / 16 * contextLength / 262_144, 0, contextLength);
    }

    private static Optional<String> refusal(long machine, KvFormat format, int contextLength) {
        return new MemoryCheck(MemoryCheckTest::plan, machine)
                .refusal("small.gguf", KvFormats.of(format), contextLength);
    }

    @Test
    void whatFitsIsNotRefused() {
        assertEquals(Optional.empty(), refusal(5 * GIB, KvFormat.F16, 262_144));
    }

    @Test
    void aRefusalNamesTheFormatAndTheContextLengthThatFit() {
        assertEquals(
                "small.gguf needs 5.0 GiB (2.0 GiB weights, 0 bytes recurrent state, 3.0 GiB keys and values at 262144 "
                        + "tokens), but this machine has 4.0 GiB; keysAndValues q8 would fit with 3.5 GiB, and "
                        + "contextLength 174080 would fit with 4.0 GiB",
                refusal(4 * GIB, KvFormat.F16, 262_144).orElseThrow());
        assertEquals(
                "small.gguf needs 8.0 GiB (2.0 GiB weights, 0 bytes recurrent state, 6.0 GiB keys and values at 262144 "
                        + "tokens), but this machine has 3.0 GiB; keysAndValues q4 would fit with 2.8 GiB, and "
                        + "contextLength 43008 would fit with 3.0 GiB",
                refusal(3 * GIB, KvFormat.F32, 262_144).orElseThrow());
    }

    /** Half a GiB is left for the keys and values, of which q4 needs more. */
    @Test
    void aRefusalNamesOnlyWhatFits() {
        assertEquals(
                "small.gguf needs 5.0 GiB (2.0 GiB weights, 0 bytes recurrent state, 3.0 GiB keys and values at 262144 "
                        + "tokens), but this machine has 2.5 GiB; contextLength 43008 would fit with 2.5 GiB",
                refusal(5 * GIB / 2, KvFormat.F16, 262_144).orElseThrow());
        assertEquals(
                "small.gguf needs 2.0 GiB (2.0 GiB weights, 0 bytes recurrent state, 12.0 KiB keys and values at 1 "
                        + "tokens), but this machine has 2.0 GiB; no format of keys and values and no contextLength "
                        + "would fit, so take a smaller quantization of the weights",
                refusal(2 * GIB, KvFormat.F16, 1).orElseThrow());
    }
}
