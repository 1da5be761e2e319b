/** Checkpoints: GGUF files and Hugging Face folders behind one interface. */
@NullMarked
package kawi.checkpoint;

import org.jspecify.annotations.NullMarked;
