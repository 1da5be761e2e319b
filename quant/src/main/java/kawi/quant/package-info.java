/**
 * Weights as files hold them: {@link kawi.quant.Tensor}, a matrix of weights in memory;
 * {@link kawi.quant.WeightFormat}, what its bytes mean; {@link kawi.quant.WeightFormats}, which formats there are.
 *
 * <p>Each format is a class of its own ({@code Q4_KFormat}) whose head comment gives the bytes of a block and their
 * formula. What several formats share has rooms of its own: {@code BlockFormat} for decoding by the integer form,
 * {@code ByteLanes} for the bit shuffles, {@code SixBitScales} for a layout in two formats, and for encoding
 * {@code RoundedBlock}, {@code SymmetricSuperBlock} and {@code AffineSuperBlock}.
 */
@NullMarked
package kawi.quant;

import org.jspecify.annotations.NullMarked;
