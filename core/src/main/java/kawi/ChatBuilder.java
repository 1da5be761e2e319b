package kawi;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Options of a conversation and its beginning, see {@link Model#chat()}. Immutable: each option returns a new builder,
 * from which any number of conversations can be opened.
 */
public interface ChatBuilder extends AnswerOptions<ChatBuilder> {

    /** Sets the system message at the beginning, replacing an earlier one. */
    ChatBuilder system(String text);

    /**
     * Sets the messages so far: any list that the chat template of the model accepts.
     *
     * @throws IllegalArgumentException if one has a part that the model does not support
     */
    ChatBuilder messages(List<Message> messages);

    /**
     * Adds tools.
     *
     * @throws IllegalArgumentException if two have the same name, or the model cannot write the name of a parameter
     * @throws IllegalStateException if it is not known how the model calls tools
     */
    ChatBuilder tools(List<Tool> tools);

    /** Adds tools, see {@link #tools(List)}. */
    ChatBuilder tools(Tool... tools);

    /** Adds a tool: {@code tools(Tool.of(name, description, parameters, function))}. */
    <T> ChatBuilder tool(String name, String description, Class<T> parameters, Function<? super T, ?> function);

    /**
     * Sets whether the model may, must or must not call tools, and which; {@link ToolChoice#auto()} by default.
     * {@link Turn#toolChoice} overrides it for one message.
     */
    ChatBuilder toolChoice(ToolChoice choice);

    /**
     * Limits how often the model continues after results of tools within one answer, 8 by default. An answer that
     * requires more ends with {@link FinishReason#TOOL_LIMIT}.
     */
    ChatBuilder maxToolRounds(int rounds);

    /**
     * Limits the memory of states between messages, in bytes; 512 MiB by default. The states make the next message,
     * {@link Chat#rewind}, {@link Chat#again} and {@link Chat#fork} cost only new tokens; the least recently used are
     * removed first. With 0, everything is processed again; answers are bit-identical. All conversations of a model
     * share the limit {@link ModelLoader#snapshotBytes}.
     */
    ChatBuilder snapshotBytes(long bytes);

    /**
     * Enables or disables preparing for the next message in the background, enabled by default: after each answer, the
     * answer is processed in the form that the chat template gives it in the next prompt, without its thought.
     * Otherwise the next message includes that work.
     */
    ChatBuilder readAhead(boolean on);

    /**
     * Opens the conversation.
     *
     * @throws IllegalStateException if the tool choice requires a tool and there is none
     */
    Chat open();

    /**
     * Opens a conversation written by {@link Chat#save} with these options and tools. Its messages replace those of the
     * builder.
     *
     * @throws ModelFileException if the file is damaged or was written with another model
     */
    Chat load(Path file);
}
