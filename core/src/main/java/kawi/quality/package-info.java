/**
 * Measurements of the quality of predictions: perplexity, and KL divergence from recorded log-probabilities.
 *
 * <p>{@link kawi.quality.PerplexitySum} and {@link kawi.quality.DivergenceSum} take rows of logits.
 * {@link kawi.quality.BaseFile} is the format of recorded log-probabilities, that of llama.cpp.
 */
@NullMarked
package kawi.quality;

import org.jspecify.annotations.NullMarked;
