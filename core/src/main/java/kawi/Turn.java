package kawi;

import java.util.stream.Stream;
import kawi.schema.AnswerType;
import org.jspecify.annotations.Nullable;

/**
 * A message to a {@link Chat} and how to answer it; begins with the conversation's options. Immutable. The conversation goes on when it is
 * sent.
 */
public final class Turn extends AnswerOptions<Turn> {

    private final Chat chat;
    private final @Nullable String message;
    private final ToolChoice toolChoice;

    /** @param message null to answer the last user message again */
    Turn(Chat chat, @Nullable String message, ToolChoice toolChoice, Settings settings) {
        super(settings);
        this.chat = chat;
        this.message = message;
        this.toolChoice = toolChoice;
    }

    @Override
    Turn with(Settings settings) {
        return new Turn(chat, message, toolChoice, settings);
    }

    /** Whether the model may, must or must not call tools for this message, and which. Once it has had results it may, or must not. */
    public Turn toolChoice(ToolChoice choice) {
        return new Turn(chat, message, choice, settings);
    }

    /** Sends the message, runs the tools that are called, and returns when the answer is complete. */
    public Reply send() {
        return send(piece -> {});
    }

    /** Sends the message, handing over what comes. */
    public Reply send(ReplyListener listener) {
        return chat.answer(this, listener);
    }

    /** Sends the message and answers lazily: on the thread that consumes the stream, as it consumes it. Close it if you may stop earlier. */
    public Stream<String> stream() {
        return chat.stream(this);
    }

    /** Sends the message and answers with a value, see {@link Prompt#as(Class)}. */
    public <T> T as(Class<T> type) {
        return as(AnswerType.of(type));
    }

    /** Sends the message and answers with a value, see {@link Prompt#as(TypeOf)}. */
    public <T> T as(TypeOf<T> type) {
        return as(AnswerType.of(type));
    }

    private <T> T as(AnswerType<T> type) {
        return chat.answer(jsonSchema(type.schemaText()), type);
    }

    @Override
    Model model() {
        return chat.model();
    }

    @Nullable String message() {
        return message;
    }

    ToolChoice toolChoice() {
        return toolChoice;
    }
}
