/**
 * The vision part of Qwen3.5: the transformer that turns the patches of an image into rows of the text model's
 * embeddings.
 *
 * <p>{@link kawi.architecture.vision.VisionFile} finds it in a Hugging Face folder or in the {@code mmproj} file that
 * accompanies a GGUF model, and loads it as a {@link kawi.architecture.vision.VisionTower}. Pixels become patches in
 * {@code kawi.image}; the rows take their places in the prompt in {@code kawi.engine}.
 */
@NullMarked
package kawi.architecture.vision;

import org.jspecify.annotations.NullMarked;
