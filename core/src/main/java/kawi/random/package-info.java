/**
 * Writes models with random weights, behind {@link kawi.RandomModel}. The generator is here rather than in a program
 * that uses the public API because it must know what is not public: the names of an architecture's tensors and keys,
 * the weight formats, and the GGUF format. The same values must produce the same bytes in every version, so that
 * measurements with such models can be compared.
 *
 * <p>This package uses {@code kawi.gguf}, {@code kawi.json}, {@code kawi.quant} and {@code kawi.tokenizer}. To add an
 * architecture, add its sizes next to {@link kawi.random.RandomShape} and its list of tensors next to
 * {@link kawi.random.RandomModelWriter}.
 */
@NullMarked
package kawi.random;

import org.jspecify.annotations.NullMarked;
