package kawi.quant;

import java.util.List;
import java.util.Locale;
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
            Q8_KFormat.INSTANCE);

    private static final List<WeightFormat> SAFETENSORS =
            List.of(F32Format.INSTANCE, F16Format.INSTANCE, BF16Format.INSTANCE);

    /** The names of {@code enum ggml_type} ({@code ggml.h}) by number, including those that ggml itself has removed. */
    private static final List<String> GGML_TYPES = List.of("""
            F32      F16      Q4_0    Q4_1   Q4_2        Q4_3        Q5_0        Q5_1
            Q8_0     Q8_1     Q2_K    Q3_K   Q4_K        Q5_K        Q6_K        Q8_K
            IQ2_XXS  IQ2_XS   IQ3_XXS IQ1_S  IQ4_NL      IQ3_S       IQ2_S       IQ4_XS
            I8       I16      I32     I64    F64         IQ1_M       BF16        Q4_0_4_4
            Q4_0_4_8 Q4_0_8_8 TQ1_0   TQ2_0  IQ4_NL_4_4  IQ4_NL_4_8  IQ4_NL_8_8  MXFP4
            NVFP4    Q1_0
            """.strip().split("\\s+"));

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
        if (type < 0 || type >= GGML_TYPES.size()) {
            throw new IllegalArgumentException("tensor type %s is not a known ggml type; Kawi reads %s"
                    .formatted(Integer.toUnsignedString(type), names(ALL)));
        }
        return find(ALL, GGML_TYPES.get(type), "tensor type");
    }

    /**
     * The number of {@code format} in {@code enum ggml_type}.
     *
     * @throws IllegalArgumentException if ggml does not have the format
     */
    public static int ggmlType(WeightFormat format) {
        int type = GGML_TYPES.indexOf(format.name());
        if (type < 0) {
            throw new IllegalArgumentException("weight format %s has no ggml type".formatted(format.name()));
        }
        return type;
    }

    /**
     * The format of a safetensors tensor whose {@code dtype} is given: {@code F32}, {@code F16} or {@code BF16}.
     *
     * @throws IllegalArgumentException if it is another; the caller adds tensor and file
     */
    public static WeightFormat ofSafetensors(String dtype) {
        return find(SAFETENSORS, dtype, "dtype");
    }

    private static WeightFormat find(List<WeightFormat> formats, String name, String what) {
        return formats.stream()
                .filter(format -> format.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "%s %s is not supported; Kawi reads %s".formatted(what, name, names(formats))));
    }

    private static String names(List<WeightFormat> formats) {
        return formats.stream().map(WeightFormat::name).collect(Collectors.joining(", "));
    }
}
