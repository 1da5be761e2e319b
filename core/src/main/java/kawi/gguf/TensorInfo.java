package kawi.gguf;

import java.util.List;
import kawi.quant.WeightFormat;

/**
 * Where a tensor lies in a file and how to read it.
 *
 * @param shape number of weights along each dimension, the contiguous one first (ggml's order)
 * @param rows product of all but the first of them
 * @param columns the first of them
 * @param offset of the first byte, from the start of the file
 * @param bytes how many there are
 */
record TensorInfo(WeightFormat format, List<Long> shape, int rows, int columns, long offset, long bytes) {}
