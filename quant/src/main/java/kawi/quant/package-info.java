/**
 * Weights as stored in files: {@link kawi.quant.Tensor}, a matrix of weights; {@link kawi.quant.WeightFormat}, the
 * meaning of its bytes; {@link kawi.quant.WeightFormats}, the supported formats.
 *
 * <p>Each format is a class of its own ({@code Q4_KFormat}) whose class comment defines the bytes of a block and their
 * formula. Code that several formats share is in separate classes: {@code BlockFormat} for decoding through the integer
 * form, {@code ByteLanes} for bit manipulation, {@code SixBitScales} for a layout of two formats, and for encoding
 * {@code RoundedBlock}, {@code SymmetricSuperBlocks} and {@code AffineSuperBlocks}.
 */
@NullMarked
package kawi.quant;

import org.jspecify.annotations.NullMarked;
