package kawi.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A rendered prompt.
 *
 * @param ids its tokens
 * @param boundaries places between messages at which to keep what the model remembers, ascending: the next prompt
 *     probably begins with the same tokens up to there
 * @param shared the place after the system message, which other conversations may have in common, or 0
 * @param insideThought whether the prompt has opened a thought that the model is to go on with
 * @param closing tokens that end a thought and begin the answer, or null where the model has no thoughts
 */
record PromptTokens(int[] ids, int[] boundaries, int shared, boolean insideThought, int @Nullable [] closing) {

    /** The same, with the state before the last token kept: from there its logits can be had any number of times. */
    PromptTokens keptBeforeLast() {
        int[] more = Arrays.copyOf(boundaries, boundaries.length + 1);
        more[boundaries.length] = ids.length - 1;
        return new PromptTokens(ids, more, shared, insideThought, closing);
    }

    /** Token ids that nothing is known about. */
    static PromptTokens of(int[] ids) {
        return new PromptTokens(ids, new int[0], 0, false, null);
    }
}
