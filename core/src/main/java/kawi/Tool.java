package kawi;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Something in Java that a model may call: a name and a description for the model, parameters, and what it does.
 *
 * {@snippet :
 *    record City(@Description("its English name") String name, Optional<Integer> days) {}
 *
 *    Tool weather = Tool.of("weather", "Weather forecast for a city", City.class, city -> forecast(city.name(), city.days().orElse(1)));
 *    Tool clock = Tool.of("clock", "The time of day", LocalTime::now);
 * }
 *
 * <p>The parameters are the components of a record. A component of type {@code Optional}, {@code OptionalInt} and so on, or with an annotation
 * called {@code Nullable}, may be left out. {@link Description}, {@link Range}, {@link Size}, {@link Matches} and {@link Name} on components
 * say more. What the model sends is brought into those types and checked before the function is called; what does not fit goes back to the
 * model as an error.
 *
 * <p>A result that is a string is given to the model as it is, anything else as JSON. An exception of the function is given to the model as
 * {@code Error:} and its message, and kept in {@link ToolResult#failure}.
 */
public interface Tool {

    /**
     * A tool with parameters.
     *
     * @param name letters, digits, {@code _}, {@code .} and {@code -}, at most 64
     * @param description what it does and when to use it, for the model
     * @param parameters a record; its components are the parameters
     * @param function what it does; called on the thread that runs the chat
     * @throws IllegalArgumentException if the name is none, or the record has a component that JSON cannot hold
     */
    static <T> Tool of(String name, String description, Class<T> parameters, Function<? super T, ?> function) {
        return Engine.provider().tool(name, description, parameters, function);
    }

    /**
     * A tool without parameters.
     *
     * @throws IllegalArgumentException if the name is none
     */
    static Tool of(String name, String description, Supplier<?> function) {
        return Engine.provider().tool(name, description, function);
    }

    /**
     * A tool whose parameters are described by a JSON Schema, for adapters to other libraries.
     *
     * @param schema the schema of an object
     * @param function from the arguments, a JSON object as text that fits the schema, to the result's text
     * @throws IllegalArgumentException if the name is none, or the schema is not that of an object
     */
    static Tool json(String name, String description, String schema, Function<String, String> function) {
        return Engine.provider().jsonTool(name, description, schema, function);
    }

    /**
     * The tools of an object: its public methods with {@link ToolMethod}, in the order of their names. A method whose only parameter is a
     * record has that record's components as its parameters; any other has its own, whose names are in the class file if it was compiled with
     * {@code -parameters} and otherwise come from {@link Name}.
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

    /** The name the model calls it by. */
    String name();

    /** What it does, for the model. */
    String description();

    /** The JSON Schema of its parameters; always that of an object. */
    String parametersSchema();

    /** What the model is told of it. */
    default ToolSpecification specification() {
        return new ToolSpecification(name(), description(), parametersSchema());
    }

    /**
     * Runs a call: what the function returned, or the exception it threw, becomes the result.
     *
     * @throws IllegalArgumentException if the call's arguments do not fit the parameters, or a record of the parameters refuses them
     */
    ToolResult call(ToolCall call);
}
