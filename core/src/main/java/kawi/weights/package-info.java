/**
 * Weights that are converted while they are read, because the kernels do not multiply them as they are stored: {@link
 * kawi.weights.ConvertedSource}, rows of a matrix in another format; {@link kawi.weights.ProvidedFormats}, formats that
 * programs add.
 *
 * <p>Code of the program is called here only: by the threads that load a model, which hold no lock, and never after a
 * model has been loaded. The readers of files use this package. It imports {@code kawi}, {@code kawi.files} and the
 * packages of module {@code kawi.quant}.
 */
@NullMarked
package kawi.weights;

import org.jspecify.annotations.NullMarked;
