package kawi.checkpoint;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import kawi.files.Excerpt;
import kawi.safetensors.quantized.QuantizationMethod;
import kawi.safetensors.quantized.QuantizationMethod.Kind;

/**
 * The {@code quantization_config} of a {@code config.json}, or the {@code quantization} of MLX: how the weights are
 * quantized.
 */
public record QuantizationConfig(JsonFile json, Optional<String> dtype) {

    /** The formats of compressed-tensors that are read, some of them for checkpoints that mix formats. */
    private static final Set<String> COMPRESSED =
            Set.of("pack-quantized", "int-quantized", "float-quantized", "naive-quantized", "mixed-precision", "dense");

    /** The configuration, if there is one. */
    public static Optional<QuantizationConfig> of(JsonFile config) {
        JsonFile text = config.object("text_config").orElse(config);
        return config.object("quantization_config")
                .or(() -> text.object("quantization_config"))
                .or(() -> config.object("quantization"))
                .map(json -> new QuantizationConfig(
                        json, dtype(text).or(() -> dtype(config)).flatMap(QuantizationConfig::safetensorsType)));
    }

    private static Optional<String> dtype(JsonFile config) {
        return config.string("dtype").or(() -> config.string("torch_dtype"));
    }

    private static Optional<String> safetensorsType(String dtype) {
        return switch (dtype) {
            case "bfloat16" -> Optional.of("BF16");
            case "float16" -> Optional.of("F16");
            case "float32" -> Optional.of("F32");
            default -> Optional.empty();
        };
    }

    /** The method, if it is one that is read. */
    Optional<QuantizationMethod> method() {
        return switch (json.string("quant_method").orElse("")) {
            case "fp8", "fbgemm_fp8" ->
                of(Kind.FP8, json.string("fmt").orElse("e4m3").equals("e4m3"));
            case "gptq" -> {
                String format = json.string("checkpoint_format").orElse("gptq");
                yield of(
                        Kind.GPTQ,
                        Set.of("gptq", "gptq_v2").contains(format)
                                && json.string("pack_dtype").orElse("int32").equals("int32"));
            }
            case "awq" ->
                of(
                        Kind.AWQ,
                        json.string("version")
                                        .orElse("gemm")
                                        .toLowerCase(Locale.ROOT)
                                        .equals("gemm")
                                && json.integer("bits", 4) == 4);
            case "compressed-tensors" ->
                of(
                        Kind.COMPRESSED_TENSORS,
                        COMPRESSED.contains(json.string("format").orElse("dense")));
            default -> Optional.empty();
        };
    }

    private Optional<QuantizationMethod> of(Kind kind, boolean read) {
        return read
                ? Optional.of(new QuantizationMethod(
                        kind,
                        !json.string("checkpoint_format").orElse("gptq").equals("gptq_v2"),
                        json.has("group_size") ? Optional.of(json.integer("group_size")) : Optional.empty(),
                        json.has("weight_block_size") ? json.integers("weight_block_size") : List.of(),
                        dtype))
                : Optional.empty();
    }

    /** Where the configuration is, for messages. */
    public String where() {
        return json.where();
    }

    /** The method in the words of the configuration. */
    public String describe() {
        if (!json.has("quant_method")) {
            return Excerpt.of(json.node().toString());
        }
        StringBuilder words = new StringBuilder("quant_method ")
                .append(Excerpt.of(json.string("quant_method").orElse("")));
        for (String key : List.of("checkpoint_format", "version", "format", "fmt", "bits", "pack_dtype")) {
            if (json.has(key)) {
                words.append(", ")
                        .append(key)
                        .append(' ')
                        .append(Excerpt.of(String.valueOf(json.node().get(key))));
            }
        }
        return words.toString();
    }
}
