package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Options of a conversation and how to begin it; see {@link Model#chat()}. Immutable: every option gives a new builder, which may open any
 * number of conversations.
 */
public interface ChatBuilder extends AnswerOptions<ChatBuilder> {

    /** Instructions for the whole conversation; replaces those given before. */
    ChatBuilder system(String text);

    /** What has been said before: any list that the model's chat template accepts. */
    ChatBuilder messages(List<Message> messages);

    /**
     * Offers tools to the model, in addition to those already given.
     *
     * @throws IllegalArgumentException if two have the same name, or the model cannot write the name of a parameter
     * @throws IllegalStateException if it is not known how the model calls tools
     */
    ChatBuilder tools(List<Tool> tools);

    /** Offers tools to the model, in addition to those already given. */
    ChatBuilder tools(Tool... tools);

    /** Offers a tool to the model: {@code tools(Tool.of(name, description, parameters, function))}. */
    <T> ChatBuilder tool(String name, String description, Class<T> parameters, Function<? super T, ?> function);

    /** Whether the model may, must or must not call tools, and which; it may by default. A {@link Turn} can have a choice of its own. */
    ChatBuilder toolChoice(ToolChoice choice);

    /**
     * How many times in one answer the model gets results of tools and goes on, 8 by default; an answer that would need more ends with
     * {@link FinishReason#TOOL_LIMIT}.
     */
    ChatBuilder maxToolRounds(int rounds);

    /**
     * Memory for states between messages, in bytes; 512 MiB by default. They are what makes the next message, {@link Chat#rewind},
     * {@link Chat#again} and {@link Chat#fork} cost only new tokens; what has not been used for longest goes first. Without any, everything
     * is read again; answers are the same bits. All conversations of a model together have the limit {@link ModelLoader#snapshotBytes}.
     */
    ChatBuilder snapshotBytes(long bytes);

    /**
     * Whether to prepare for the next message while the caller reads an answer, on by default: the answer is read again, on a thread of its
     * own, in the form that the template will give it in the next prompt, which has no thought. Without this, the next message costs that
     * reading too.
     */
    ChatBuilder readAhead(boolean on);

    /**
     * Begins the conversation.
     *
     * @throws IllegalStateException if the choice of tools needs one and there is none
     */
    Chat open();

    /**
     * Goes on with a conversation that {@link Chat#save} has written, with these options and tools; its messages replace those given here.
     *
     * @throws ModelFileException if the file is damaged, or was not made with this model
     */
    Chat load(Path file);
}
