package kawi.random;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/**
 * The format of each matrix. A type named after a format uses it for all matrices. {@code Q4_K_M} is the mixture that
 * llama.cpp uses ({@code src/llama-quant.cpp}): the output matrix, which is the embedding where the two
 * are tied, in Q6_K; {@code attn_qkv}, {@code attn_v} and {@code ffn_down} in Q6_K in the first and last eighth of the
 * layers and every third of those between; all else in Q4_K.
 */
enum QuantizationMix {
    F32(0),
    F16(1),
    BF16(32),
    Q8_0(7),
    Q4_0(2),
    Q4_1(3),
    Q5_0(8),
    Q5_1(9),
    Q2_K(10),
    Q3_K(11),
    Q4_K(14),
    Q5_K(16),
    Q6_K(18),
    Q4_K_M(15);

    /** The value of {@code general.file_type}: {@code enum llama_ftype}. */
    final int fileType;

    QuantizationMix(int fileType) {
        this.fileType = fileType;
    }

    /**
     * Returns the type with the given name, ignoring case.
     *
     * @throws IllegalArgumentException if there is none
     */
    static QuantizationMix named(String name) {
        return Arrays.stream(values())
                .filter(mix -> mix.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no type \"%s\"; the types are %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(QuantizationMix::name)
                                        .collect(Collectors.joining(", ")))));
    }

    /** The format of the embedding. */
    WeightFormat embedding(RandomShape shape) {
        return this == Q4_K_M && !shape.tied ? WeightFormats.byName("Q4_K") : output();
    }

    /** The format of the output matrix. */
    WeightFormat output() {
        return WeightFormats.byName(this == Q4_K_M ? "Q6_K" : name());
    }

    /**
     * The format of a matrix inside a layer.
     *
     * @param kind its name without block and suffix: {@code ffn_down}
     */
    WeightFormat layer(String kind, int layer, int layers) {
        if (this != Q4_K_M) {
            return WeightFormats.byName(name());
        }
        boolean sensitive = List.of("attn_qkv", "attn_v", "ffn_down").contains(kind);
        return WeightFormats.byName(sensitive && takesMoreBits(layer, layers) ? "Q6_K" : "Q4_K");
    }

    private static boolean takesMoreBits(int layer, int layers) {
        int eighth = layers / 8;
        return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    }
}
