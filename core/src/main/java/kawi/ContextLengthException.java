package kawi;

/**
 * Thrown when a prompt, together with the conversation before it, is longer than the context. Remedies are a shorter
 * conversation ({@link Chat#rewind}, {@link ContextPolicy#DROP_OLDEST}), or a longer context
 * ({@link ModelLoader#contextLength}) if the model has one.
 */
public final class ContextLengthException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final int promptTokens;
    private final int contextLength;

    /** Creates an exception for a prompt of {@code promptTokens} tokens and a context of {@code contextLength}. */
    public ContextLengthException(int promptTokens, int contextLength) {
        super(message(promptTokens, contextLength));
        this.promptTokens = promptTokens;
        this.contextLength = contextLength;
    }

    /** Creates an exception for a prompt of which {@code imageTokens} tokens are those of images. */
    public ContextLengthException(int promptTokens, int imageTokens, int contextLength) {
        super(
                imageTokens == 0
                        ? message(promptTokens, contextLength)
                        : "the prompt has %d tokens, %d of them for images, but the context holds %d; give fewer images, or limit their sizes, see imageTokens"
                                .formatted(promptTokens, imageTokens, contextLength));
        this.promptTokens = promptTokens;
        this.contextLength = contextLength;
    }

    private static String message(int promptTokens, int contextLength) {
        return "the prompt has %d tokens, but the context holds %d".formatted(promptTokens, contextLength);
    }

    /** Returns the number of tokens of the prompt, including the conversation before it. */
    public int promptTokens() {
        return promptTokens;
    }

    /** Returns the length of the context, in tokens. */
    public int contextLength() {
        return contextLength;
    }
}
