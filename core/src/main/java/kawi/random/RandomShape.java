package kawi.random;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The sizes of the published Qwen3.5 text models, and of a tiny one for tests. All have attention heads of size 256, a
 * quarter of which is rotated, linear attention heads of size 128, convolutions of width 4, full attention in every
 * fourth layer, and a context of 262,144 tokens.
 */
enum RandomShape {
    TINY(256, 512, 4, 2, 1, 2, 4, true, 2048),
    SIZE_0_8B(1024, 3584, 24, 8, 2, 16, 16, true, 248_320),
    SIZE_2B(2048, 6144, 24, 8, 2, 16, 16, true, 248_320),
    SIZE_4B(2560, 9216, 32, 16, 4, 16, 32, true, 248_320),
    SIZE_9B(4096, 12288, 32, 16, 4, 16, 32, false, 248_320),
    SIZE_27B(5120, 17_408, 64, 24, 4, 16, 48, false, 248_320);

    static final int HEAD_DIM = 256;
    static final int ROTARY_DIMS = 64;
    static final int LINEAR_HEAD_DIM = 128;
    static final int CONV_KERNEL = 4;
    static final int FULL_ATTENTION_INTERVAL = 4;
    static final int CONTEXT = 262_144;

    final int hidden;
    final int intermediate;
    final int layers;
    final int heads;
    final int kvHeads;
    final int linearKeyHeads;
    final int linearValueHeads;
    final boolean tied;
    final int vocabulary;

    RandomShape(
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int kvHeads,
            int linearKeyHeads,
            int linearValueHeads,
            boolean tied,
            int vocabulary) {
        this.hidden = hidden;
        this.intermediate = intermediate;
        this.layers = layers;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.linearKeyHeads = linearKeyHeads;
        this.linearValueHeads = linearValueHeads;
        this.tied = tied;
        this.vocabulary = vocabulary;
    }

    /**
     * Returns the shape with the given name, such as {@code 0.8b}.
     *
     * @throws IllegalArgumentException if there is none
     */
    static RandomShape named(String name) {
        return Arrays.stream(values())
                .filter(shape -> shape.toString().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no size \"%s\"; the sizes are %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(RandomShape::toString)
                                        .collect(Collectors.joining(", ")))));
    }

    int linearKeyWidth() {
        return linearKeyHeads * LINEAR_HEAD_DIM;
    }

    int linearValueWidth() {
        return linearValueHeads * LINEAR_HEAD_DIM;
    }

    boolean isFullAttention(int layer) {
        return (layer + 1) % FULL_ATTENTION_INTERVAL == 0;
    }

    /** {@code tiny}, {@code 0.8b}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace("size_", "").replace('_', '.');
    }
}
