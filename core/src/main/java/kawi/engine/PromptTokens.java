package kawi.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A rendered prompt.
 *
 * @param text its tokens and images
 * @param images what its images are encoded from
 * @param boundaries positions between messages, ascending, at which to cache the state: the next prompt probably begins
 *     with the tokens before one of them
 * @param shared the position after the system message, up to which other conversations may have the same tokens, or 0
 * @param insideThought whether the prompt opens a thought that the model continues
 * @param closing tokens that end a thought and begin the answer, or null if the model has no thoughts
 * @param begun the text with which the prompt begins the thought, if it is inside one, or else the answer; may be empty
 * @param dropped what is missing from the conversation so that the prompt fits into the context
 */
record PromptTokens(
        TokenText text,
        PromptImages images,
        int[] boundaries,
        int shared,
        boolean insideThought,
        int @Nullable [] closing,
        String begun,
        DroppedTurns dropped) {

    /** The tokens; those of images are placeholders. */
    int[] ids() {
        return text.ids();
    }

    int length() {
        return text.length();
    }

    /**
     * Returns the same prompt with a boundary before the last token, from which its logits can be computed any number
     * of times.
     */
    PromptTokens keptBeforeLast() {
        int[] more = Arrays.copyOf(boundaries, boundaries.length + 1);
        more[boundaries.length] = length() - 1;
        return new PromptTokens(text, images, more, shared, insideThought, closing, begun, dropped);
    }

    /** Returns this prompt with what is missing from the conversation. */
    PromptTokens dropped(DroppedTurns turns) {
        return new PromptTokens(text, images, boundaries, shared, insideThought, closing, begun, turns);
    }

    /** Returns the first {@code length} tokens as a prompt of their own, without boundaries. */
    PromptTokens prefix(int length) {
        TokenText prefix = text.prefix(length);
        return of(prefix, images.first(prefix.images().size()));
    }

    /** The text with which the prompt begins the answer; may be empty. */
    String begunAnswer() {
        return insideThought ? "" : begun;
    }

    /** Returns a prompt of token ids without boundaries. */
    static PromptTokens of(int[] ids) {
        return of(TokenText.of(ids), PromptImages.NONE);
    }

    /** Returns a prompt without boundaries. */
    static PromptTokens of(TokenText text, PromptImages images) {
        return new PromptTokens(text, images, new int[0], 0, false, null, "", DroppedTurns.NONE);
    }
}
