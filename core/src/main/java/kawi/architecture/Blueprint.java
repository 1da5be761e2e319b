package kawi.architecture;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import kawi.ModelFileException;
import kawi.compute.Compute;
import kawi.kernels.KvFormat;
import kawi.kernels.KvFormats;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;

/** A model found in a checkpoint but not yet bound to kernels, with the properties known before loading. */
public interface Blueprint {

    /** The family's name, for messages and to find its dialect: {@code Qwen3.5}. */
    String family();

    /** Sizes under the names of the family's configuration, in display order. */
    Map<String, Object> sizes();

    /** Weights of the text model, shared ones counted once. */
    long parameters();

    /** All matrices of the text model, each once. */
    List<Tensor> tensors();

    /** Bytes of the matrices in the file, or in memory where these are more. */
    default long weightBytes() {
        return tensors().stream().mapToLong(Tensor::bytes).sum();
    }

    int vocabularySize();

    /** The number of floats of an embedding. */
    int hiddenSize();

    /** The longest sequence the model was made for, in tokens. */
    int contextLength();

    /**
     * This model with another scaling of positions, and the context length that follows from it.
     *
     * @throws ModelFileException if the model does not have rotary positions, or the scaling does not fit it
     */
    default Blueprint scaled(RequestedScaling scaling) {
        throw new ModelFileException(
                "%s has no rotary positions, so that they cannot be scaled; omit ropeScaling".formatted(family()));
    }

    /**
     * The default format of keys and values: half precision if any matrix is quantized, since its error is far below
     * that of the coarsest 8-bit weights.
     */
    default KvFormat usualKvFormat() {
        return tensors().stream().anyMatch(tensor -> tensor.format() instanceof QuantizedFormat)
                ? KvFormat.F16
                : KvFormat.F32;
    }

    /**
     * The model in the form of GGUF files.
     *
     * @throws ModelFileException if such files cannot hold models of this family
     */
    default GgufForm ggufForm() {
        throw new ModelFileException(
                "models of the family %s cannot be quantized, because GGUF files cannot hold them".formatted(family()));
    }

    /** The size of the state of a sequence of {@code length} tokens. */
    StateSize stateSize(int length, KvFormats kvFormat);

    /** Parts of the checkpoint that are known but not run: {@code vision}, {@code MTP}. */
    List<String> unusedParts();

    /**
     * Binds the weights to kernels, repacking them where the tier does, and declares the decoder's layers.
     *
     * @param kvFormat the format of keys and values
     * @param arena owns the bound weights; the checkpoint's own memory must live as long
     */
    Stack.Parts declare(Compute compute, KvFormats kvFormat, Arena arena);

    /** How the outputs of the layers are carried to later ones. */
    default ResidualStream.Scheme residuals() {
        return ResidualStream.Scheme.ADDITIVE;
    }

    /** The decoder; parameters as for {@link #declare}. The caller closes it before {@code arena}. */
    default Decoder bind(Compute compute, KvFormats kvFormat, Arena arena) {
        return new Stack(compute, declare(compute, kvFormat, arena), residuals());
    }

    /**
     * The size of the state of a sequence.
     *
     * @param recurrent bytes that do not depend on the length
     * @param keysAndValues bytes that grow with it
     */
    record StateSize(long recurrent, long keysAndValues) {}
}
