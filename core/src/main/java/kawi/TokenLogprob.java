package kawi;

import java.util.List;
import java.util.Objects;

/**
 * The log-probability of a token, in the model's own distribution: the natural logarithm of the softmax of its logits,
 * before sampling options, processors and the form of the answer change them. See {@link AnswerOptions#logprobs}.
 *
 * @param token its id
 * @param text its text for people to read; where it is part of a character, U+FFFD
 * @param logprob its log-probability
 * @param top the most probable tokens in its place, the most probable first; of equal ones the lower id. They have no
 *     {@code top} of their own
 */
public record TokenLogprob(int token, String text, double logprob, List<TokenLogprob> top) {

    public TokenLogprob {
        Objects.requireNonNull(text, "text");
        top = List.copyOf(top);
    }
}
