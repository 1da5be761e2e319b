package kawi.engine;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import kawi.Cancellation;
import kawi.Message;
import kawi.Reply;
import kawi.ReplyEvent;
import kawi.ReplyListener;
import kawi.ToolChoice;
import kawi.Turn;
import kawi.TypeOf;
import kawi.TypedReply;
import kawi.schema.AnswerType;

/** The messages to answer in a conversation, and the settings of the answer. */
final class ConversationTurn extends SettingsOptions<Turn> implements Turn {

    private final Conversation chat;
    private final UnaryOperator<List<Message>> messagesToAnswer;
    private final ToolChoice toolChoice;

    /** @param messagesToAnswer maps the messages of the conversation to those to be answered */
    ConversationTurn(
            Conversation chat,
            UnaryOperator<List<Message>> messagesToAnswer,
            ToolChoice toolChoice,
            Settings settings) {
        super(settings);
        this.chat = chat;
        this.messagesToAnswer = messagesToAnswer;
        this.toolChoice = toolChoice;
    }

    @Override
    ConversationTurn with(Settings settings) {
        return new ConversationTurn(chat, messagesToAnswer, toolChoice, settings);
    }

    @Override
    public Turn toolChoice(ToolChoice choice) {
        return new ConversationTurn(chat, messagesToAnswer, Objects.requireNonNull(choice, "choice"), settings);
    }

    @Override
    public Reply send() {
        return send(piece -> {});
    }

    @Override
    public Reply send(ReplyListener listener) {
        return chat.answer(this, Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public CompletableFuture<Reply> sendAsync() {
        return AsyncReply.start(cancellation -> cancelledBy(cancellation).send());
    }

    @Override
    public Flow.Publisher<ReplyEvent> publisher() {
        return new ReplyPublisher(
                (listener, cancellation) -> cancelledBy(cancellation).send(listener), chat::checkOpen);
    }

    private ConversationTurn cancelledBy(Cancellation cancellation) {
        return with(settings.cancelledBy(cancellation));
    }

    @Override
    public Stream<String> stream() {
        return chat.stream(this);
    }

    @Override
    public <T> T as(Class<T> type) {
        return replyAs(type).value();
    }

    @Override
    public <T> T as(TypeOf<T> type) {
        return replyAs(type).value();
    }

    @Override
    public <T> TypedReply<T> replyAs(Class<T> type) {
        return replyAs(AnswerType.of(type));
    }

    @Override
    public <T> TypedReply<T> replyAs(TypeOf<T> type) {
        return replyAs(AnswerType.of(type));
    }

    private <T> TypedReply<T> replyAs(AnswerType<T> type) {
        return chat.answer(with(withJsonSchema(type.schemaText())), type);
    }

    @Override
    LoadedModel model() {
        return chat.model();
    }

    /** The messages to answer, given those of the conversation. */
    List<Message> messagesToAnswer(List<Message> messages) {
        return messagesToAnswer.apply(messages);
    }

    ToolChoice toolChoice() {
        return toolChoice;
    }
}
