package kawi;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A function that a model can call: a name and a description for the model, parameters, and an implementation.
 *
 * {@snippet :
 *    record City(@Description("its English name") String name, Optional<Integer> days) {}
 *
 *    Tool weather = Tool.of("weather", "Weather forecast for a city", City.class,
 *            city -> forecast(city.name(), city.days().orElse(1)));
 *    Tool clock = Tool.of("clock", "The time of day", LocalTime::now);
 * }
 *
 * <p>The parameters are the components of a record. Components of type {@code Optional}, {@code OptionalInt} and so on,
 * or with an annotation called {@code Nullable}, are optional. {@link Description}, {@link Range}, {@link Size},
 * {@link Matches} and {@link Name} describe components further. Arguments are converted to these types and checked
 * before the function is called; arguments that do not fit are reported to the model.
 *
 * <p>A result that is a string is given to the model as it is, any other as JSON. An exception thrown by the function
 * is given to the model as {@code Error:} and its message, and kept in {@link ToolResult#failure}.
 */
public interface Tool {

    /**
     * Creates a tool with parameters.
     *
     * @param name letters, digits, {@code _}, {@code .} and {@code -}, at most 64
     * @param description what the tool does and when to use it, for the model
     * @param parameters a record, whose components are the parameters
     * @param function the implementation; called on the thread that runs the chat
     * @throws IllegalArgumentException if the name is invalid, or the record has a component that JSON cannot represent
     */
    static <T> Tool of(String name, String description, Class<T> parameters, Function<? super T, ?> function) {
        return Engine.provider().tool(name, description, parameters, function);
    }

    /**
     * Creates a tool without parameters.
     *
     * @throws IllegalArgumentException if the name is invalid
     */
    static Tool of(String name, String description, Supplier<?> function) {
        return Engine.provider().tool(name, description, function);
    }

    /**
     * Creates a tool whose parameters are described by a JSON Schema, for adapters to other libraries. Arguments are
     * checked against it, except for patterns with backreferences and others that Kawi cannot evaluate.
     *
     * @param schema the schema of an object, of any draft from 4 to 2020-12
     * @param function from the arguments, a JSON object that conforms to the schema, to the text of the result
     * @throws IllegalArgumentException if the name is invalid, or the schema is not that of an object, or refers to
     *     another document
     */
    static Tool json(String name, String description, String schema, Function<String, String> function) {
        return Engine.provider().jsonTool(name, description, schema, function);
    }

    /**
     * Returns the tools of an object: its public methods annotated with {@link ToolMethod}, sorted by name. If the only
     * parameter of a method is a record, the components of the record are the parameters of the tool; otherwise those
     * of the method are, whose names are in the class file if it was compiled with {@code -parameters}, or are given by
     * {@link Name}.
     *
     * {@snippet :
     *    class Library {
     *        @ToolMethod("Books by an author")
     *        public List<Book> books(@Name("author") String author, @Name("limit") OptionalInt limit) { ... }
     *    }
     *    List<Tool> tools = Tool.methods(new Library());
     * }
     *
     * @throws IllegalArgumentException if there is none, or one of them cannot be a tool; the message says why
     */
    static List<Tool> methods(Object instance) {
        return Engine.provider().toolMethods(instance);
    }

    /** Returns the name. */
    String name();

    /** Returns the description for the model. */
    String description();

    /** Returns the JSON Schema of the parameters, which is that of an object. */
    String parametersSchema();

    /** Returns the name, the description and the schema of the parameters. */
    default ToolSpecification specification() {
        return new ToolSpecification(name(), description(), parametersSchema());
    }

    /**
     * Executes a call. The value returned by the function, or the exception it throws, becomes the result.
     *
     * @throws IllegalArgumentException if the arguments do not fit the parameters, or a record rejects them
     */
    ToolResult call(ToolCall call);
}
