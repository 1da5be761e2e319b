package kawi.sampling;

import java.util.Arrays;
import java.util.Objects;
import kawi.LogitsProcessor;

/** The tokens of one generation: the prompt followed by the output. */
final class TokenHistory implements LogitsProcessor.Tokens {

    private final int promptLength;
    private int[] tokens;
    private int length;

    TokenHistory(int[] prompt) {
        promptLength = prompt.length;
        length = prompt.length;
        tokens = Arrays.copyOf(prompt, Math.max(64, prompt.length + prompt.length / 2));
    }

    void add(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, length * 2);
        }
        tokens[length++] = token;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int promptLength() {
        return promptLength;
    }

    @Override
    public int get(int index) {
        return tokens[Objects.checkIndex(index, length)];
    }
}
