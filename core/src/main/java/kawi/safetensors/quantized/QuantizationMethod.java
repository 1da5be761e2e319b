package kawi.safetensors.quantized;

import java.util.List;
import java.util.Optional;

/**
 * The method by which a checkpoint was quantized, as its configuration declares it.
 *
 * @param zerosLessOne whether GPTQ's zero points are stored less one, as in the first version of its format
 * @param groupSize the number of inputs that share a scale; empty if it follows from the tensors
 * @param blockSize rows and columns of the blocks that share a scale in FP8; empty if they follow from the tensors
 * @param dtype the type of floats that the model was made for, {@code BF16} or {@code F16}; empty for that of the scales
 */
public record QuantizationMethod(
        Kind kind, boolean zerosLessOne, Optional<Integer> groupSize, List<Integer> blockSize, Optional<String> dtype) {

    /** The methods that are read. */
    public enum Kind {
        FP8,
        GPTQ,
        AWQ,
        COMPRESSED_TENSORS
    }

    /** The name of the method for users. */
    String label() {
        return kind == Kind.COMPRESSED_TENSORS ? "compressed" : kind.name();
    }
}
