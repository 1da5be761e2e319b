package kawi.gguf;

import java.util.List;
import kawi.quant.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * The location and format of a tensor in a file.
 *
 * @param type the name of the weight format in ggml
 * @param format the weight format; null if the tensor cannot be read
 * @param problem the reason why the tensor cannot be read; null if it can
 * @param shape number of weights along each dimension, the contiguous one first (ggml's order); none for a scalar
 * @param rows product of all dimensions but the first
 * @param columns the first dimension
 * @param offset of the first byte, from the start of the file
 * @param bytes the number of bytes; if the size of the format is not known, those up to the next tensor
 */
record TensorInfo(
        String type,
        @Nullable WeightFormat format,
        @Nullable String problem,
        List<Long> shape,
        int rows,
        int columns,
        long offset,
        long bytes) {}
