/**
 * The Qwen3.5 family (also Qwen3.6 dense models): {@link kawi.architecture.qwen35.Qwen35Config} has the sizes,
 * {@link kawi.architecture.qwen35.Qwen35Weights} the tensors by role, {@link kawi.architecture.qwen35.Qwen35Gguf} and
 * {@link kawi.architecture.qwen35.Qwen35HuggingFace} find them in the two kinds of files, and {@link
 * kawi.architecture.qwen35.Qwen35} declares the decoder. Only the registry of architectures depends on this package.
 */
@NullMarked
package kawi.architecture.qwen35;

import org.jspecify.annotations.NullMarked;
