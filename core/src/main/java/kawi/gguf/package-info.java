/**
 * GGUF files: hyperparameters, tokenizer and weights in one file, or in the parts of a file that was split. {@link
 * kawi.gguf.GgufFile} is a file, {@link kawi.gguf.GgufModel} all files of a model.
 *
 * <p>Format: {@code docs/gguf.md} of github.com/ggml-org/ggml; where that page is silent, {@code ggml/src/gguf.cpp} of
 * github.com/ggml-org/llama.cpp.
 */
@NullMarked
package kawi.gguf;

import org.jspecify.annotations.NullMarked;
