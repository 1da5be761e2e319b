/** Where a model comes from: one GGUF file, or a Hugging Face folder; the same questions answered by both. */
@NullMarked
package kawi.checkpoint;

import org.jspecify.annotations.NullMarked;
