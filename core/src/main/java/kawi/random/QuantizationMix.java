package kawi.random;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/**
 * The format of each matrix. A type named after a format uses it for all matrices, except that the output matrix, which
 * is the embedding where the two are tied, has more bits in the types of unequal steps and in the ternary types of
 * ggml, as llama.cpp writes them ({@code src/llama-quant.cpp}). {@code Q4_K_M} is a mixture of llama.cpp: the output
 * matrix in Q6_K; {@code attn_qkv}, {@code attn_v} and {@code ffn_down} in Q6_K in the first and last eighth of the
 * layers and every third of those between; all else in Q4_K. {@code IQ4_XS} and {@code IQ4_NL} have {@code attn_v} and
 * the first eighth of {@code ffn_down} in Q5_K.
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
    Q4_K_M(15, "Q6_K"),
    IQ4_NL(25, "Q6_K"),
    IQ4_XS(30, "Q6_K"),
    IQ3_S(26, "Q6_K"),
    IQ3_XXS(23, "Q5_K"),
    IQ2_S(28, "Q5_K"),
    IQ2_XS(20, "Q5_K"),
    IQ2_XXS(19, "Q5_K"),
    IQ1_M(31, "Q5_K"),
    IQ1_S(24, "Q5_K"),
    MXFP4(38, "Q8_0"),
    NVFP4(39, "Q8_0"),
    TQ1_0(36, "Q6_K"),
    TQ2_0(37, "Q6_K"),
    Q1_0(40),
    Q2_0(41),
    PQ2_0(141),
    PTQ1_0(143);

    /** The value of {@code general.file_type}: {@code enum llama_ftype}. */
    final int fileType;

    private final String output;

    QuantizationMix(int fileType) {
        this.fileType = fileType;
        this.output = name();
    }

    QuantizationMix(int fileType, String output) {
        this.fileType = fileType;
        this.output = output;
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
        return WeightFormats.byName(output);
    }

    /**
     * The format of a matrix inside a layer.
     *
     * @param kind its name without block and suffix: {@code ffn_down}
     */
    WeightFormat layer(String kind, int layer, int layers) {
        return WeightFormats.byName(
                switch (this) {
                    case Q4_K_M -> {
                        boolean sensitive =
                                List.of("attn_qkv", "attn_v", "ffn_down").contains(kind);
                        yield sensitive && takesMoreBits(layer, layers) ? "Q6_K" : "Q4_K";
                    }
                    case IQ4_XS, IQ4_NL -> {
                        boolean sensitive = kind.equals("attn_v") || (kind.equals("ffn_down") && layer < layers / 8);
                        yield sensitive ? "Q5_K" : name();
                    }
                    default -> name();
                });
    }

    private static boolean takesMoreBits(int layer, int layers) {
        int eighth = layers / 8;
        return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    }
}
