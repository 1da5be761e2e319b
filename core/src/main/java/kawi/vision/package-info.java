/**
 * Images and films as rows of a text: {@link kawi.vision.ImagePreparation} reads the pixels that a vision tower sees,
 * {@link kawi.vision.ImageEncoder} encodes them, and {@link kawi.vision.EncodedImages} keeps the results.
 *
 * <p>This package imports {@code kawi.image}, {@code kawi.architecture.vision}, {@code kawi.flight} and package
 * {@code kawi}. The engine, which imports it, decides where the rows are in a text.
 */
@NullMarked
package kawi.vision;

import org.jspecify.annotations.NullMarked;
