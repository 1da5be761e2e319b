package kawi.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.Message;
import kawi.Model;
import kawi.ToolCall;

/**
 * Counts tokens with the tokenizer and the chat template of a model, for example for a
 * {@code TokenWindowChatMemory}. Nothing is estimated: the count of messages is that of the prompt made from them.
 *
 * <p>A message alone is counted with the markup around it, in a conversation that it can be part of. Messages together
 * are counted as the prompt of the next answer, including the tokens that open it; if the chat template does not accept
 * the messages, for example because the question has been removed, the counts of the single messages are added.
 */
public final class KawiTokenCountEstimator implements TokenCountEstimator {

    private static final Message QUESTION = Message.user("?");

    private final Model model;

    /** Creates an estimator for a model that the application closes. */
    public KawiTokenCountEstimator(Model model) {
        this.model = Objects.requireNonNull(model, "model");
    }

    /** @throws dev.langchain4j.exception.InvalidRequestException if the model has no tokenizer */
    @Override
    public int estimateTokenCountInText(String text) {
        try {
            return model.countTokens(text);
        } catch (IllegalStateException e) {
            throw Failures.of(e);
        }
    }

    /**
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if it has content other than text and images,
     *     or images that the model does not see
     * @throws dev.langchain4j.exception.InvalidRequestException if the model has no chat template
     */
    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        try {
            return count(Messages.of(message, true, model));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Failures.of(e);
        }
    }

    /** Counts a message as the difference that it makes to the prompt of a conversation. */
    private int count(Message message) {
        List<Message> without = message.role() == Message.Role.TOOL
                ? List.of(QUESTION, Message.assistant("", List.of(call(message))))
                : List.of(QUESTION);
        boolean first = message.role() == Message.Role.SYSTEM || message.role() == Message.Role.DEVELOPER;
        List<Message> with = new ArrayList<>(without);
        with.add(first ? 0 : with.size(), message);
        return promptTokens(with) - promptTokens(without);
    }

    private static ToolCall call(Message result) {
        return new ToolCall(
                Objects.requireNonNullElse(result.toolCallId(), "call00001"),
                Objects.requireNonNullElse(result.name(), "tool"),
                "{}");
    }

    private int promptTokens(List<Message> messages) {
        return model.prompt(messages).countTokens();
    }

    /** The exceptions are those of {@link #estimateTokenCountInMessage}. */
    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        List<Message> all = Messages.of(messages, true, model);
        if (all.isEmpty()) {
            return 0;
        }
        try {
            return promptTokens(all);
        } catch (IllegalArgumentException e) {
            return sum(all);
        } catch (IllegalStateException e) {
            throw Failures.of(e);
        }
    }

    private int sum(List<Message> messages) {
        try {
            return messages.stream().mapToInt(this::count).sum();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Failures.of(e);
        }
    }
}
