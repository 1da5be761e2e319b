package kawi.quantize;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.architecture.Blueprint;
import kawi.architecture.GgufForm;
import kawi.architecture.ResidualStream;
import kawi.architecture.Stack;
import kawi.compute.Compute;
import kawi.kernels.KvFormats;
import kawi.quant.InputRotation;
import kawi.quant.Tensor;
import kawi.weights.ProvidedFormat;
import org.jspecify.annotations.Nullable;

/**
 * A model whose weights are encoded in other formats while it is loaded: the model that loading the file gives which
 * {@link ModelQuantizer} writes. Its sizes tell the formats, so that the state of one is not taken for that of the
 * other.
 */
public final class QuantizedBlueprint implements Blueprint {

    private final Blueprint model;
    private final String formats;
    private final Map<String, float[]> importance;

    private QuantizedBlueprint(Blueprint model, String formats, Map<String, float[]> importance) {
        this.model = model;
        this.formats = formats;
        this.importance = importance;
    }

    /**
     * The model with its matrices in the formats of {@code plan}.
     *
     * @param importance the file of an importance matrix, or null if all weights are equally important
     * @throws kawi.ModelFileException if models of this family cannot be quantized, or the file cannot be read
     */
    public static Blueprint of(Blueprint original, FormatPlan plan, @Nullable Path importance) {
        GgufForm form = original.ggufForm();
        Map<String, float[]> factors = importance == null ? Map.of() : ImportanceFile.read(importance);
        Map<String, Tensor> encoded = plan.encoded(form.matrices(), factors);
        return new QuantizedBlueprint(
                form.with((name, matrix) -> usable(encoded.getOrDefault(name, matrix))), plan.name(), factors);
    }

    /** A matrix in a format that kernels have no code for is decoded when it is read. */
    private static Tensor usable(Tensor matrix) {
        if (!(matrix.format() instanceof ProvidedFormat format)) {
            return matrix;
        }
        Tensor decoded = format.tensor("quantizing", matrix.name(), matrix.rows(), matrix.columns(), matrix.source());
        InputRotation rotation = matrix.rotation();
        return rotation == null ? decoded : decoded.rotated(rotation);
    }

    @Override
    public Map<String, Object> sizes() {
        Map<String, Object> sizes = new LinkedHashMap<>(model.sizes());
        sizes.put("quantized_to", formats);
        if (!importance.isEmpty()) {
            int hash = 0;
            for (Map.Entry<String, float[]> matrix : importance.entrySet()) {
                hash += matrix.getKey().hashCode() * 31 + Arrays.hashCode(matrix.getValue());
            }
            sizes.put("quantized_with_importance", Integer.toHexString(hash));
        }
        return sizes;
    }

    @Override
    public String family() {
        return model.family();
    }

    @Override
    public long parameters() {
        return model.parameters();
    }

    @Override
    public List<Tensor> tensors() {
        return model.tensors();
    }

    @Override
    public long weightBytes() {
        return model.weightBytes();
    }

    @Override
    public int vocabularySize() {
        return model.vocabularySize();
    }

    @Override
    public int hiddenSize() {
        return model.hiddenSize();
    }

    @Override
    public int contextLength() {
        return model.contextLength();
    }

    @Override
    public StateSize stateSize(int length, KvFormats kvFormat) {
        return model.stateSize(length, kvFormat);
    }

    @Override
    public List<String> unusedParts() {
        return model.unusedParts();
    }

    @Override
    public Stack.Parts declare(Compute compute, KvFormats kvFormat, Arena arena) {
        return model.declare(compute, kvFormat, arena);
    }

    @Override
    public ResidualStream.Scheme residuals() {
        return model.residuals();
    }
}
