/**
 * Hugging Face checkpoints whose weights are quantized: {@link kawi.safetensors.quantized.QuantizedTensors} finds the
 * tensors that make up a matrix and converts them, while they are read, to a format that the kernels have.
 *
 * <p>A matrix is {@code scale * (q - zero)}, with a scale and a zero point for every group of neighboring inputs of an
 * output. {@link kawi.safetensors.quantized.IntegerLayout} is where these numbers are in the tensors of a method; a new
 * method of this kind is one more layout. The libraries that define the methods multiply in the type of the scales.
 * Kawi does so where it holds weights as floats; where it holds integers and scales, the product is not rounded.
 */
@NullMarked
package kawi.safetensors.quantized;

import org.jspecify.annotations.NullMarked;
