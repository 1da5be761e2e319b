package kawi.quant;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The supported weight formats, by the names and numbers that users and files refer to them by. */
public final class WeightFormats {

    private static final List<WeightFormat> ALL = List.of(
            F32Format.INSTANCE,
            F16Format.INSTANCE,
            BF16Format.INSTANCE,
            Q8_0Format.INSTANCE,
            Q4_0Format.INSTANCE,
            Q4_1Format.INSTANCE,
            Q5_0Format.INSTANCE,
            Q5_1Format.INSTANCE,
            Q2_KFormat.INSTANCE,
            Q3_KFormat.INSTANCE,
            Q4_KFormat.INSTANCE,
            Q5_KFormat.INSTANCE,
            Q6_KFormat.INSTANCE,
            Q8_KFormat.INSTANCE,
            IQ4_NLFormat.INSTANCE,
            IQ4_XSFormat.INSTANCE,
            IQ3_SFormat.INSTANCE,
            IQ3_XXSFormat.INSTANCE,
            IQ2_SFormat.INSTANCE,
            IQ2_XSFormat.INSTANCE,
            IQ2_XXSFormat.INSTANCE,
            IQ1_MFormat.INSTANCE,
            IQ1_SFormat.INSTANCE,
            MXFP4Format.INSTANCE,
            NVFP4Format.INSTANCE,
            TQ1_0Format.INSTANCE,
            TQ2_0Format.INSTANCE,
            Q1_0Format.INSTANCE,
            Q2_0Format.INSTANCE,
            Q2_0Format.PRISM,
            TQ1_0Format.PRISM,
            IQ4_KSFormat.INSTANCE);

    private static final List<WeightFormat> SAFETENSORS =
            List.of(F32Format.INSTANCE, F16Format.INSTANCE, BF16Format.INSTANCE);

    /** The names of {@code enum ggml_type} ({@code ggml.h}) by number, including those that ggml itself has removed. */
    private static final List<String> GGML_TYPES = List.of("""
            F32      F16      Q4_0    Q4_1   Q4_2        Q4_3        Q5_0        Q5_1
            Q8_0     Q8_1     Q2_K    Q3_K   Q4_K        Q5_K        Q6_K        Q8_K
            IQ2_XXS  IQ2_XS   IQ3_XXS IQ1_S  IQ4_NL      IQ3_S       IQ2_S       IQ4_XS
            I8       I16      I32     I64    F64         IQ1_M       BF16        Q4_0_4_4
            Q4_0_4_8 Q4_0_8_8 TQ1_0   TQ2_0  IQ4_NL_4_4  IQ4_NL_4_8  IQ4_NL_8_8  MXFP4
            NVFP4    Q1_0     Q2_0
            """.strip().split("\\s+"));

    /** The types that ik_llama.cpp adds ({@code ggml/include/ggml.h} of github.com/ikawrakow/ik_llama.cpp). */
    private static final String IK_TYPES = """
            133 Q6_0       134 IQ1_BN     135 IQ2_BN      136 Q8_K64     137 IQ2_K      138 IQ3_K
            139 IQ4_K      140 IQ5_K      141 IQ6_K       144 IQ4_KS
            145 IQ2_KS     146 IQ4_KSS    147 Q8_K16      148 Q8_K32     149 Q8_KR8     150 Q8_K128
            151 Q8_KV      152 IQ5_KS     153 IQ2_KT      154 IQ3_KT     155 IQ4_KT     156 IQ3_KS
            157 IQ2_KL     158 IQ1_KT     202 Q4_0_R8     206 Q5_0_R4    208 Q8_0_R8    210 Q2_K_R4
            211 Q3_K_R4    212 Q4_K_R4    213 Q5_K_R4     214 Q6_K_R4    216 IQ2_XXS_R4 217 IQ2_XS_R4
            218 IQ3_XXS_R4 219 IQ1_S_R4   220 IQ4_NL_R4   221 IQ3_S_R4   222 IQ2_S_R4   223 IQ4_XS_R8
            229 IQ1_M_R4   230 BF16_R16   233 Q6_0_R4     335 IQ2_BN_R4  337 IQ2_K_R4   338 IQ3_K_R4
            339 IQ4_K_R4   340 IQ5_K_R4   344 IQ4_KS_R4   352 IQ5_KS_R4  398 Q8_KV_R8   399 Q8_K_R8
            """;

    /** The types that the fork github.com/PrismML-Eng/llama.cpp adds ({@code ggml/include/ggml.h}). */
    private static final Map<Integer, String> PRISM_TYPES = Map.of(142, "PQ2_0", 143, "PTQ1_0");

    private WeightFormats() {}

    /** All formats, floats first. */
    public static List<WeightFormat> all() {
        return ALL;
    }

    /**
     * The format named {@code name}, such as {@code Q4_K}, ignoring case.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static WeightFormat byName(String name) {
        return find(ALL, name.toUpperCase(Locale.ROOT), "weight format");
    }

    /**
     * The format of a GGUF tensor whose type field is {@code type}, a number of {@code enum ggml_type}.
     *
     * @throws IllegalArgumentException if the type is not supported; the message has its name, and the caller adds
     *     tensor and file
     */
    public static WeightFormat ofGgmlType(int type) {
        return find(ALL, ggmlTypeName(type), "tensor type");
    }

    /** Whether {@link #ofGgmlType} has a format for a number. */
    public static boolean hasGgmlType(int type) {
        String name = ggmlTypeName(type);
        return ALL.stream().anyMatch(format -> format.name().equals(name));
    }

    /** The name of a number of {@code enum ggml_type}, whether the type is supported or not. */
    public static String ggmlTypeName(int type) {
        if (type >= 0 && type < GGML_TYPES.size()) {
            return GGML_TYPES.get(type);
        }
        String prism = PRISM_TYPES.get(type);
        return prism != null ? prism : ikTypes().getOrDefault(type, "number " + Integer.toUnsignedString(type));
    }

    private static Map<Integer, String> ikTypes() {
        return Arrays.stream(IK_TYPES.strip().split("\\s+(?=\\d+ )"))
                .map(entry -> entry.split(" +"))
                .collect(Collectors.toUnmodifiableMap(entry -> Integer.valueOf(entry[0]), entry -> entry[1].strip()));
    }

    /**
     * The number of {@code format} in {@code enum ggml_type}.
     *
     * @throws IllegalArgumentException if ggml does not have the format
     */
    public static int ggmlType(WeightFormat format) {
        int type = GGML_TYPES.indexOf(format.name());
        if (type >= 0) {
            return type;
        }
        for (Map.Entry<Integer, String> prism : PRISM_TYPES.entrySet()) {
            if (prism.getValue().equals(format.name())) {
                return prism.getKey();
            }
        }
        throw new IllegalArgumentException("weight format %s has no ggml type".formatted(format.name()));
    }

    /**
     * The format of a safetensors tensor whose {@code dtype} is given: {@code F32}, {@code F16} or {@code BF16}.
     *
     * @throws IllegalArgumentException if it is another; the caller adds tensor and file
     */
    public static WeightFormat ofSafetensors(String dtype) {
        return find(SAFETENSORS, dtype, "dtype");
    }

    /** The format of a tensor in {@code format} whose weights are all multiplied by {@code factor}. */
    public static QuantizedFormat scaled(QuantizedFormat format, float factor) {
        return new ScaledFormat(format, factor);
    }

    /** Whether a {@code dtype} of safetensors files is supported. */
    public static boolean isSafetensors(String dtype) {
        return SAFETENSORS.stream().anyMatch(format -> format.name().equals(dtype));
    }

    private static WeightFormat find(List<WeightFormat> formats, String name, String what) {
        for (WeightFormat format : formats) {
            if (format.name().equals(name)) {
                return format;
            }
        }
        throw new IllegalArgumentException(
                "%s %s is not supported; Kawi reads %s".formatted(what, name, names(formats)));
    }

    private static String names(List<WeightFormat> formats) {
        return formats.stream().map(WeightFormat::name).collect(Collectors.joining(", "));
    }
}
