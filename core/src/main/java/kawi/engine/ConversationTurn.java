package kawi.engine;

import java.util.stream.Stream;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.ToolChoice;
import kawi.Turn;
import kawi.TypeOf;
import kawi.schema.AnswerType;
import org.jspecify.annotations.Nullable;

/** A message to a conversation, and the settings of its answer. */
final class ConversationTurn extends SettingsOptions<Turn> implements Turn {

    private final Conversation chat;
    private final @Nullable String message;
    private final ToolChoice toolChoice;

    /** @param message null to answer the last user message again */
    ConversationTurn(Conversation chat, @Nullable String message, ToolChoice toolChoice, Settings settings) {
        super(settings);
        this.chat = chat;
        this.message = message;
        this.toolChoice = toolChoice;
    }

    @Override
    ConversationTurn with(Settings settings) {
        return new ConversationTurn(chat, message, toolChoice, settings);
    }

    @Override
    public Turn toolChoice(ToolChoice choice) {
        return new ConversationTurn(chat, message, choice, settings);
    }

    @Override
    public Reply send() {
        return send(piece -> {});
    }

    @Override
    public Reply send(ReplyListener listener) {
        return chat.answer(this, listener);
    }

    @Override
    public Stream<String> stream() {
        return chat.stream(this);
    }

    @Override
    public <T> T as(Class<T> type) {
        return as(AnswerType.of(type));
    }

    @Override
    public <T> T as(TypeOf<T> type) {
        return as(AnswerType.of(type));
    }

    private <T> T as(AnswerType<T> type) {
        return chat.answer(with(fitting(type.schemaText())), type);
    }

    @Override
    LoadedModel model() {
        return chat.model();
    }

    @Nullable String message() {
        return message;
    }

    ToolChoice toolChoice() {
        return toolChoice;
    }
}
