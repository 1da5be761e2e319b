package kawi;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;

/**
 * A prompt of a {@link Model} and the options of its answer. Immutable: each option returns a new prompt. A prompt can
 * be run any number of times, and by several threads.
 *
 * {@snippet :
 *    Reply answer = model.prompt("Name three rivers of Java.").temperature(0.3).maxTokens(100).generate();
 * }
 */
public interface Prompt extends AnswerOptions<Prompt> {

    /**
     * The sampling options if neither the loader, the model's files nor the makers of the model specify any:
     * temperature 0.7, top-k 20, top-p 0.8.
     */
    Sampling DEFAULT_SAMPLING = Sampling.defaults().temperature(0.7).topK(20).topP(0.8);

    /** The default of {@link #maxTokens}. */
    int DEFAULT_MAX_TOKENS = 4096;

    /** Adds a system message at the beginning. It requires a chat template. */
    Prompt system(String system);

    /**
     * Adds an image before the text, after those given before. In a prompt of token ids, the {@code <|image_pad|>}
     * tokens stand for the images, one for each; they are repeated as necessary. The images of a prompt of messages are
     * {@linkplain Message#content parts} of the messages.
     *
     * {@snippet :
     *    Reply r = model.prompt("What is the total?").image(Part.image(Path.of("invoice.png"))).generate();
     * }
     *
     * @throws IllegalArgumentException if the model does not {@linkplain Model#seesImages see images}; when the answer
     *     is generated, an {@link ImageException} if the image cannot be used
     * @throws IllegalStateException if the prompt is raw, or a list of messages
     */
    Prompt image(Part.Image image);

    /** Adds an image, see {@link #image(Part.Image)} and {@link Part#image(Path)}. */
    default Prompt image(Path file) {
        return image(Part.image(file));
    }

    /** Adds an image, see {@link #image(Part.Image)} and {@link Part#image(byte[])}. */
    default Prompt image(byte[] file) {
        return image(Part.image(file));
    }

    /**
     * Adds an image, see {@link #image(Part.Image)} and {@link Part#image(InputStream)}.
     *
     * @throws IOException if the stream cannot be read
     */
    default Prompt image(InputStream stream) throws IOException {
        return image(Part.image(stream));
    }

    /** Adds an image, see {@link #image(Part.Image)} and {@link Part#image(BufferedImage)}. */
    default Prompt image(BufferedImage image) {
        return image(Part.image(image));
    }

    /** Adds an image, see {@link #image(Part.Image)} and {@link Part#image(String)}. */
    default Prompt image(String dataUrl) {
        return image(Part.image(dataUrl));
    }

    /**
     * Adds a film before the text, like an image, see {@link #image(Part.Image)}. Frames are chosen from it, and each
     * pair of them is given to the model with its time. In a prompt of token ids, {@code <|video_pad|>} tokens stand
     * for the pairs of frames, one for each.
     */
    Prompt video(Part.Video video);

    /** Adds a film, see {@link #video(Part.Video)} and {@link Part#video(Path)}. */
    default Prompt video(Path fileOrFolder) {
        return video(Part.video(fileOrFolder));
    }

    /** Adds a film, see {@link #video(Part.Video)} and {@link Part#video(byte[])}. */
    default Prompt video(byte[] file) {
        return video(Part.video(file));
    }

    /** Adds a film, see {@link #video(Part.Video)} and {@link Part#video(List, double)}. */
    default Prompt video(List<Part.Image> frames, double framesPerSecond) {
        return video(Part.video(frames, framesPerSecond));
    }

    /** Adds a film, see {@link #video(Part.Video)} and {@link Part#video(VideoSource)}. */
    default Prompt video(VideoSource source) {
        return video(Part.video(source));
    }

    /**
     * Continues the text as it is, without the chat template.
     *
     * @throws IllegalStateException if the prompt is a list of messages
     */
    Prompt raw();

    /**
     * Makes the last message, which is the assistant's, the beginning of the answer. The model continues its text or,
     * if it has none, its thought; before a text the thought is over. The reply is the continuation only, while
     * {@link #as} and {@link #jsonSchema} apply to the text as a whole.
     *
     * @throws IllegalArgumentException if the last message is not the assistant's or has tool calls; when the answer is
     *     generated, if it cannot begin an answer of the requested form, or is the only message
     * @throws IllegalStateException if the prompt is not a list of messages; when the answer is generated, if a tool
     *     must be called, or the message has a thought and thinking is disabled
     */
    Prompt continueFinalMessage();

    /**
     * Adds tools. When the model calls any, the answer ends with {@link FinishReason#TOOL_CALLS} and
     * {@link Reply#toolCalls} are the calls; nothing is executed. A call is constrained to its schema where that is
     * possible. To continue, append {@link Reply#message} and a {@link Message#tool(ToolCall, String)} for each call to
     * the messages, and prompt with those.
     *
     * @throws IllegalArgumentException if two tools have the same name, a name is invalid, or a schema is not that of
     *     an object
     * @throws IllegalStateException if it is not known how the model calls tools
     */
    Prompt tools(List<ToolSpecification> tools);

    /** See {@link #tools(List)}. */
    default Prompt tools(ToolSpecification... tools) {
        return tools(List.of(tools));
    }

    /** Sets whether the model may, must or must not call tools, and which; {@link ToolChoice#auto()} by default. */
    Prompt toolChoice(ToolChoice choice);

    /**
     * Sets whether an answer may call several tools at once, or one tool more than once; allowed by default. Otherwise
     * it has at most one call.
     */
    Prompt parallelToolCalls(boolean allowed);

    /**
     * Returns the complete answer. Interrupting the thread ends it within one token.
     *
     * @throws IllegalArgumentException if the chat template rejects the messages, or the prompt exceeds the context
     * @throws IllegalStateException if an option cannot have an effect here; the message says what to do
     * @throws ToolCallException if the model called a tool with arguments that are invalid
     */
    Reply generate();

    /** Returns the complete answer and notifies a listener while it is generated. */
    Reply generate(ReplyListener listener);

    /**
     * Generates several answers, processing the prompt once. With a {@link #seed}, the answers use consecutive seeds
     * from there. They are generated at the same time, by threads of their own, so that a {@link #logitsProcessor} is
     * called by several threads at once.
     *
     * @param count number of answers
     * @throws IllegalArgumentException if it is not positive
     */
    List<Reply> generateAll(int count);

    /**
     * Generates several answers like {@link #generateAll(int)}, one for each listener. A listener is notified while its
     * answer is generated, on the thread that generates it; several may be notified at the same time.
     *
     * @throws IllegalArgumentException if there are none
     */
    List<Reply> generateAll(List<? extends ReplyListener> listeners);

    /**
     * Generates the answer on a thread of its own. Cancelling the future, or completing it in another way, ends
     * generation within one token.
     */
    CompletableFuture<Reply> generateAsync();

    /**
     * Returns the answer as events. They are generated on a separate thread for each subscriber, and only as far as the
     * subscriber has requested. Cancelling the subscription ends generation within one token.
     */
    Flow.Publisher<ReplyEvent> publisher();

    /**
     * Returns the answer as a value: {@link #jsonSchema} with the schema of a Java type, and the answer converted to
     * it. Supported are records, enums, sealed types of records, lists, sets, maps, optionals, strings, numbers, dates
     * and combinations of them; see {@link TypeOf} for generic types.
     *
     * {@snippet :
     *    record Recipe(String title, List<String> steps) {}
     *    Recipe tea = model.prompt("A recipe for tea.").as(Recipe.class);
     * }
     *
     * @throws IllegalArgumentException if the type is not supported
     * @throws AnswerException if the answer was cancelled or cut by a stop string, or a record's constructor rejects it
     * @throws IllegalStateException if the prompt has tools
     */
    <T> T as(Class<T> type);

    /** As {@link #as(Class)}, for a generic type: {@code as(new TypeOf<List<Recipe>>() {})}. */
    <T> T as(TypeOf<T> type);

    /** As {@link #as(Class)}, with the reply in addition to the value. */
    <T> TypedReply<T> replyAs(Class<T> type);

    /** As {@link #as(TypeOf)}, with the reply in addition to the value. */
    <T> TypedReply<T> replyAs(TypeOf<T> type);

    /**
     * Returns the text of the answer as a lazy stream, generated on the thread that consumes it. Memory is freed when
     * the stream has been consumed, has failed or is closed; close it if you may stop earlier. A stream that is
     * abandoned is closed when it has become unreachable, with a warning in the log.
     *
     * @throws IllegalStateException if the prompt has tools, since a stream of text cannot contain their calls
     */
    Stream<String> stream();

    /**
     * Returns the log-probabilities of the tokens of the prompt itself, from the second on: that of a token is its
     * probability after the tokens before it. No answer is generated.
     *
     * @param top number of most probable tokens to return in each place; 0 for the token of the prompt only
     * @throws ContextLengthException if the prompt exceeds the context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the prompt is cancelled
     */
    List<TokenLogprob> promptLogprobs(int top);

    /**
     * Notifies the listener of an answer of the log-probabilities of the tokens of the prompt, which are computed in
     * the same pass over it: {@link ReplyListener#onPrompt} receives what {@link #promptLogprobs} returns.
     *
     * @param top see {@link #promptLogprobs}
     */
    Prompt scorePrompt(int top);

    /** Returns the token ids of the prompt. */
    int[] tokens();

    /** Returns the number of tokens of the prompt, including those of tools and of the chat template. */
    default int countTokens() {
        return tokens().length;
    }
}
