/**
 * Sampling of tokens from logits, and detection of stop strings in text.
 *
 * <p>{@link kawi.sampling.Sampler} modifies the logits, filters the {@link kawi.sampling.Candidates} and draws a token.
 * {@link kawi.sampling.StopStrings} truncates the generated text at stop strings.
 */
@NullMarked
package kawi.sampling;

import org.jspecify.annotations.NullMarked;
