/**
 * GGUF files: one file with hyperparameters, tokenizer and weights.
 *
 * <p>Format: {@code docs/gguf.md} of github.com/ggml-org/ggml; where that page is silent, {@code ggml/src/gguf.cpp} of
 * github.com/ggml-org/llama.cpp.
 */
@NullMarked
package kawi.gguf;

import org.jspecify.annotations.NullMarked;
