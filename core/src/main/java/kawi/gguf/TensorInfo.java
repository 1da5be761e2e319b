package kawi.gguf;

import java.util.List;
import kawi.quant.WeightFormat;

/**
 * The location and format of a tensor in a file.
 *
 * @param shape number of weights along each dimension, the contiguous one first (ggml's order)
 * @param rows product of all dimensions but the first
 * @param columns the first dimension
 * @param offset of the first byte, from the start of the file
 * @param bytes the number of bytes
 */
record TensorInfo(WeightFormat format, List<Long> shape, int rows, int columns, long offset, long bytes) {}
