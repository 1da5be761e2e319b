package kawi;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

/**
 * A question to a {@link Model} and how to answer it. Immutable: every option gives a new prompt, which may be run any number of times
 * and from several threads.
 *
 * {@snippet :
 *    Reply answer = model.prompt("Name three rivers of Java.").temperature(0.3).maxTokens(100).generate();
 * }
 */
public interface Prompt extends AnswerOptions<Prompt> {

    /** Sampling where neither loader nor model file nor the makers of the model say anything: temperature 0.7, top-k 20, top-p 0.8. */
    Sampling DEFAULT_SAMPLING = Sampling.defaults().temperature(0.7).topK(20).topP(0.8);

    /** Tokens generated at most unless {@link #maxTokens} says otherwise. */
    int DEFAULT_MAX_TOKENS = 4096;

    /** Puts a system message before the user's. It needs a chat template. */
    Prompt system(String system);

    /**
     * Continues the text as it is, without the chat template.
     *
     * @throws IllegalStateException if the prompt is a list of messages
     */
    Prompt raw();

    /**
     * Tells the model of tools, in addition to those already given. When it calls any, the answer ends with
     * {@link FinishReason#TOOL_CALLS} and the calls are {@link Reply#toolCalls}; nothing is run. Where the schema allows, calls are built so
     * that they fit it. To go on, append {@link Reply#message} and a {@link Message#tool(ToolCall, String)} for each call to the messages, and
     * prompt with those.
     *
     * @throws IllegalArgumentException if two tools have the same name, a name is none, or a schema is not that of an object; the message says
     *     which
     */
    Prompt tools(List<ToolSpecification> tools);

    /** See {@link #tools(List)}. */
    default Prompt tools(ToolSpecification... tools) {
        return tools(List.of(tools));
    }

    /** Whether the model may, must or must not call tools, and which; it may by default. */
    Prompt toolChoice(ToolChoice choice);

    /**
     * Answers and returns when the answer is complete. Interrupting the thread ends it within one token.
     *
     * @throws IllegalArgumentException if the chat template refuses the messages, or the prompt does not fit the context
     * @throws IllegalStateException if an option cannot have an effect here; the message says what to do
     * @throws ToolCallException if the model called a tool in a way that cannot be understood
     */
    Reply generate();

    /** Answers, handing over what comes; pieces are whole characters and together are {@link Reply#text}. */
    Reply generate(ReplyListener listener);

    /**
     * Answers several times; the prompt is read once. With a {@link #seed}, the answers have that seed and those that follow it.
     *
     * @param count of the answers
     */
    List<Reply> generateAll(int count);

    /**
     * Answers on a thread of its own. Cancelling the future, or completing it otherwise, ends generation within one token.
     */
    CompletableFuture<Reply> generateAsync();

    /**
     * The answer as events, generated on a thread of its own for each subscriber and only as far as the subscriber has requested. Cancelling
     * the subscription ends generation within one token.
     */
    Flow.Publisher<ReplyEvent> publisher();

    /**
     * Answers with a value: {@link #jsonSchema} with the schema of a Java type, and the answer read as one. Records, enums, sealed types of
     * records, lists, sets, maps, optionals, strings, numbers, dates and anything made of them will do; see {@link TypeOf} for generic types.
     *
     * {@snippet :
     *    record Recipe(String title, List<String> steps) {}
     *    Recipe tea = model.prompt("A recipe for tea.").as(Recipe.class);
     * }
     *
     * @throws IllegalArgumentException if no answer can be read as such a type
     * @throws AnswerException if the answer was cancelled, or cut by a stop string, or a record's constructor refuses it
     */
    <T> T as(Class<T> type);

    /** As {@link #as(Class)}, for a generic type: {@code as(new TypeOf<List<Recipe>>() {})}. */
    <T> T as(TypeOf<T> type);

    /** As {@link #as(Class)}, with the reply beside the value. */
    <T> TypedReply<T> replyAs(Class<T> type);

    /** As {@link #as(TypeOf)}, with the reply beside the value. */
    <T> TypedReply<T> replyAs(TypeOf<T> type);

    /**
     * Answers lazily, with the text alone, which is generated on the thread that consumes the stream, as it consumes it. Memory is freed when the stream has been consumed,
     * has failed or is closed: close it if you may stop earlier. A stream that is left is closed when it has become unreachable, with a warning
     * in the log.
     */
    Stream<String> stream();

    /** The token ids that the model is given. */
    int[] tokens();

    /** How many tokens the model is given, those of tools and of the chat template included. */
    default int countTokens() {
        return tokens().length;
    }
}
