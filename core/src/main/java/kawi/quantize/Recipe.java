package kawi.quantize;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import kawi.quant.WeightFormat;
import kawi.quant.WeightFormats;

/**
 * Which format each matrix gets. All but {@link #K4} and {@link #K4_S} are the mixtures that llama.cpp gives the same names ({@code
 * llama_tensor_get_type} in {@code src/llama-quant.cpp}), so that a name means the same number of bits everywhere:
 *
 * <ul>
 *   <li>most matrices have the format in the name,
 *   <li>the output matrix, which is the embedding where the two are tied, has Q6_K,
 *   <li>{@code attn_v}, {@code attn_qkv}, {@code ffn_down} and {@code attn_output} have more bits in some blocks.
 * </ul>
 *
 * <p>K4 is for Qwen3.5. Published measurements say that its delta-net outputs and attention projections lose most by
 * rounding, and its feed-forward networks least. K4_S is not larger than Q4_K_M: the output matrix has fewer bits, and
 * so have the projections of full attention, which fewer layers have.
 */
enum Recipe {
    F32(0, "F32"),
    F16(1, "F16"),
    BF16(32, "BF16"),
    Q8_0(7, "Q8_0"),
    Q4_0(2, "Q4_0"),
    Q4_1(3, "Q4_1"),
    Q5_0(8, "Q5_0"),
    Q5_1(9, "Q5_1"),
    Q2_K(10, "Q2_K"),
    Q2_K_S(21, "Q2_K"),
    Q3_K_S(11, "Q3_K"),
    Q3_K_M(12, "Q3_K"),
    Q3_K_L(13, "Q3_K"),
    Q4_K_S(14, "Q4_K"),
    Q4_K_M(15, "Q4_K"),
    Q5_K_S(16, "Q5_K"),
    Q5_K_M(17, "Q5_K"),
    Q6_K(18, "Q6_K"),
    IQ4_NL(25, "IQ4_NL"),
    IQ4_XS(30, "IQ4_XS"),
    K4(15, "Q4_K"),
    K4_S(15, "Q4_K");

    /** The value of {@code general.file_type}: {@code enum llama_ftype}; for K4 that of its nearest relative. */
    final int fileType;

    private final String usual;

    Recipe(int fileType, String usual) {
        this.fileType = fileType;
        this.usual = usual;
    }

    /**
     * The properties of a model that recipes depend on.
     *
     * @param blocks the number of blocks, those of multi-token prediction included
     * @param predicted the first block of multi-token prediction; the number of blocks if there is none
     * @param tied whether the embedding is the output matrix
     * @param group the number of query heads for each key/value head
     * @param weighted whether there is an importance matrix
     */
    record Model(int blocks, int predicted, boolean tied, int group, boolean weighted) {}

    /**
     * The recipe with a name, ignoring case. {@code Q3_K}, {@code Q4_K} and {@code Q5_K} are the mixtures with
     * {@code _M}.
     *
     * @throws IllegalArgumentException if there is none, or Kawi cannot encode its format
     */
    static Recipe named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        String full = upper.matches("Q[345]_K") ? upper + "_M" : upper;
        return usable().stream()
                .filter(recipe -> recipe.name().equals(full))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no format \"%s\" to write; the formats are %s"
                        .formatted(name, usable().stream().map(Recipe::name).collect(Collectors.joining(", ")))));
    }

    /** The recipes whose formats can be encoded. */
    static List<Recipe> usable() {
        return Arrays.stream(values()).filter(recipe -> encodable(recipe.usual)).toList();
    }

    private static boolean encodable(String format) {
        return WeightFormats.all().stream().anyMatch(known -> known.name().equals(format) && known.canEncode());
    }

    /**
     * The format of a matrix.
     *
     * @param columns the length of its rows; a format whose blocks do not fit is replaced as llama.cpp replaces it
     */
    WeightFormat format(TensorRole role, int columns, Model model) {
        return fitting(WeightFormats.byName(wanted(role, model)), columns);
    }

    private String wanted(TensorRole role, Model model) {
        if (this == F32 || this == F16 || this == BF16) {
            return usual;
        }
        if (this == K4 || this == K4_S) {
            return ofK4(role, model);
        }
        return switch (role.kind()) {
            case "output" -> output();
            case "token_embd" -> model.tied ? output() : usual;
            case "attn_v", "attn_qkv" -> values(role.block(), model);
            case "ffn_down" -> down(role.block(), model);
            case "attn_output" -> projection();
            default -> usual;
        };
    }

    private String output() {
        return this == Q8_0 ? usual : "Q6_K";
    }

    private String values(int block, Model model) {
        return switch (this) {
            case Q2_K -> model.group >= 4 ? "Q4_K" : "Q3_K";
            case Q2_K_S -> model.group >= 4 ? "Q4_K" : usual;
            case Q3_K_M -> block < 2 ? "Q5_K" : "Q4_K";
            case Q3_K_L -> "Q5_K";
            case Q4_K_S -> block < 4 ? "Q5_K" : usual;
            case Q4_K_M, Q5_K_M -> takesMoreBits(block, model.blocks) ? "Q6_K" : usual;
            case IQ4_NL, IQ4_XS -> model.group >= 4 ? "Q5_K" : usual;
            default -> usual;
        };
    }

    private String down(int block, Model model) {
        boolean first = block < model.blocks / 8;
        return switch (this) {
            case Q2_K -> "Q3_K";
            case Q2_K_S -> first ? "Q4_K" : usual;
            case Q3_K_M -> block < model.blocks / 16 ? "Q5_K" : "Q4_K";
            case Q3_K_L -> "Q5_K";
            case Q4_K_S -> first ? "Q5_K" : usual;
            case Q4_K_M, Q5_K_M -> takesMoreBits(block, model.blocks) ? "Q6_K" : usual;
            case IQ4_NL, IQ4_XS -> first && !model.weighted ? "Q5_K" : usual;
            case Q4_0 -> first && model.weighted ? "Q4_1" : usual;
            case Q5_0 -> first && model.weighted ? "Q5_1" : usual;
            default -> usual;
        };
    }

    private String projection() {
        return switch (this) {
            case Q2_K -> "Q3_K";
            case Q3_K_M -> "Q4_K";
            case Q3_K_L -> "Q5_K";
            default -> usual;
        };
    }

    private static boolean takesMoreBits(int block, int blocks) {
        int eighth = blocks / 8;
        return block < eighth || block >= 7 * blocks / 8 || (block - eighth) % 3 == 2;
    }

    private String ofK4(TensorRole role, Model model) {
        boolean small = this == K4_S;
        if (role.block() >= model.predicted) {
            return small ? "Q3_K" : "Q4_K"; // a guess that is wrong costs time, not quality
        }
        String head = small ? "Q5_K" : "Q6_K";
        return switch (role.kind()) {
            case "output" -> head;
            case "token_embd" -> model.tied ? head : "Q4_K";
            case "ssm_out", "attn_qkv", "attn_gate", "attn_output" -> "Q6_K";
            case "attn_q", "attn_k", "attn_v" -> small ? "Q4_K" : "Q6_K";
            case "ssm_alpha", "ssm_beta" -> "Q8_0";
            default -> "Q4_K";
        };
    }

    /** The format itself or, if rows are not whole blocks of it, the smallest one that is not coarser. */
    static WeightFormat fitting(WeightFormat format, int columns) {
        WeightFormat found = format;
        while (columns % found.blockSize() != 0) {
            found = WeightFormats.byName(
                    switch (found.name()) {
                        case "Q4_K" -> "Q5_0";
                        case "Q5_K" -> "Q5_1";
                        case "Q6_K" -> "Q8_0";
                        case "Q2_K", "Q3_K", "IQ4_XS" -> encodable("IQ4_NL") ? "IQ4_NL" : "Q4_0";
                        default -> "F16";
                    });
        }
        return found;
    }
}
