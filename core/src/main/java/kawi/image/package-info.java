/**
 * Image and film input: decoding, resizing, and cutting into the rows of patches that a vision tower reads.
 *
 * <p>Imports only package {@code kawi} and the decoder in {@code kawi.image.webp}. Nothing here depends on a model:
 * what a model's preprocessor prescribes is in {@link PatchShape}.
 */
@NullMarked
package kawi.image;

import org.jspecify.annotations.NullMarked;
