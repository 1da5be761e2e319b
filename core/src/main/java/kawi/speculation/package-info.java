/**
 * Guesses of the next tokens, which one pass over the weights verifies together.
 *
 * <p>{@link kawi.speculation.NgramIndex} guesses what followed the same tokens before, {@link
 * kawi.speculation.ForcedTokens} what a constraint on the answer requires, and {@link kawi.speculation.DraftDepth}
 * decides how many guesses are worth their cost. A guess only affects speed: the engine samples every token from the
 * logits at its position, so the text is the same whatever was guessed.
 *
 * <p>This package does not depend on the engine or on an architecture. To add a source of guesses, add a class here and
 * a constant to {@link kawi.speculation.Source}.
 */
@NullMarked
package kawi.speculation;

import org.jspecify.annotations.NullMarked;
