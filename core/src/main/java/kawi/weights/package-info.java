/**
 * Weights that are converted while they are read, because the kernels do not multiply them as they are stored: {@link
 * kawi.weights.ConvertedSource}, rows of a matrix in another format; {@link kawi.weights.ProvidedFormats}, formats that
 * programs add.
 *
 * <p>Imports {@code kawi} and {@code kawi.quant}. The readers of files use it.
 */
@NullMarked
package kawi.weights;

import org.jspecify.annotations.NullMarked;
