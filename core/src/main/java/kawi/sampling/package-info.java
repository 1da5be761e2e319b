/**
 * From logits to the next token, and from text to the place where it stops.
 *
 * <p>{@link kawi.sampling.Sampler} is the door: it edits the logits, thins out the {@link kawi.sampling.Candidates} and
 * draws. {@link kawi.sampling.StopStrings} watches the text that comes out.
 */
@NullMarked
package kawi.sampling;

import org.jspecify.annotations.NullMarked;
