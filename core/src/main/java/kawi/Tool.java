package kawi;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import kawi.schema.MismatchException;
import kawi.schema.Parameters;
import kawi.schema.ResultText;
import org.jspecify.annotations.Nullable;

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
public final class Tool {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");

    /** In a call the name stands between {@code <parameter=} and {@code >}. */
    private static final Pattern PARAMETER_NAME = Pattern.compile("[^\\s<>]+");

    /** Calls the user's code with what the parameters were read as. */
    @FunctionalInterface
    private interface Action {
        @Nullable Object run(Object arguments) throws Exception;
    }

    private final String name;
    private final String description;
    private final Parameters parameters;
    private final Action action;

    private Tool(String name, String description, Parameters parameters, Action action) {
        if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
            throw new IllegalArgumentException(
                    "tool \"%s\": a name is a letter or _, then up to 63 letters, digits, _, . and -".formatted(name));
        }
        for (var parameter : parameters.names()) {
            if (!PARAMETER_NAME.matcher(parameter).matches()) {
                throw new IllegalArgumentException(
                        "tool \"%s\": a parameter cannot be called \"%s\": models write its name without spaces, < and >"
                                .formatted(name, parameter));
            }
        }
        this.name = name;
        this.description = Objects.requireNonNull(description, "description");
        this.parameters = parameters;
        this.action = action;
    }

    /**
     * A tool with parameters.
     *
     * @param name letters, digits, {@code _}, {@code .} and {@code -}, at most 64
     * @param description what it does and when to use it, for the model
     * @param parameters a record; its components are the parameters
     * @param function what it does; called on the thread that runs the chat
     * @throws IllegalArgumentException if the name is none, or the record has a component that JSON cannot hold
     */
    public static <T> Tool of(String name, String description, Class<T> parameters, Function<? super T, ?> function) {
        Objects.requireNonNull(function, "function");
        return new Tool(
                name,
                description,
                described(name, () -> Parameters.of(parameters)),
                arguments -> function.apply(parameters.cast(arguments)));
    }

    /**
     * A tool without parameters.
     *
     * @throws IllegalArgumentException if the name is none
     */
    public static Tool of(String name, String description, Supplier<?> function) {
        Objects.requireNonNull(function, "function");
        return new Tool(name, description, Parameters.none(), _ -> function.get());
    }

    /**
     * A tool whose parameters are described by a JSON Schema, for adapters to other libraries.
     *
     * @param schema the schema of an object
     * @param function from the arguments, a JSON object as text that fits the schema, to the result's text
     * @throws IllegalArgumentException if the name is none, or the schema is not that of an object
     */
    public static Tool json(String name, String description, String schema, Function<String, String> function) {
        Objects.requireNonNull(function, "function");
        return new Tool(
                name,
                description,
                described(name, () -> Parameters.ofSchema(schema)),
                arguments -> function.apply((String) arguments));
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
    public static List<Tool> methods(Object instance) {
        var type = instance.getClass();
        var hidden = Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(ToolMethod.class) && !method.isBridge())
                .filter(method -> !Modifier.isPublic(method.getModifiers()))
                .findFirst();
        if (hidden.isPresent()) {
            throw new IllegalArgumentException("%s.%s has @ToolMethod and is not public"
                    .formatted(type.getSimpleName(), hidden.get().getName()));
        }
        var tools = Arrays.stream(type.getMethods())
                .filter(method -> method.isAnnotationPresent(ToolMethod.class) && !method.isBridge())
                .map(method -> method(instance, method))
                .sorted(Comparator.comparing(Tool::name))
                .toList();
        if (tools.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s has no public method with @ToolMethod".formatted(type.getTypeName()));
        }
        return List.copyOf(byName(tools).values());
    }

    private static Tool method(Object instance, Method method) {
        var annotation = method.getAnnotation(ToolMethod.class);
        var name = annotation.name().isEmpty() ? method.getName() : annotation.name();
        Parameters.open(method);
        var types = method.getParameterTypes();
        boolean record = types.length == 1 && types[0].isRecord();
        var parameters = described(name, () -> record ? Parameters.of(types[0]) : Parameters.of(method));
        return new Tool(name, annotation.value(), parameters, arguments -> {
            var result = method.invoke(instance, record ? new Object[] {arguments} : (Object[]) arguments);
            return method.getReturnType() == void.class ? "done" : result;
        });
    }

    private static Parameters described(String name, Supplier<Parameters> parameters) {
        try {
            return parameters.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tool \"%s\": %s".formatted(name, e.getMessage()), e);
        }
    }

    /**
     * Tools by name, in the order given.
     *
     * @throws IllegalArgumentException if two have the same name
     */
    static Map<String, Tool> byName(Collection<Tool> tools) {
        var byName = new LinkedHashMap<String, Tool>();
        for (var tool : tools) {
            if (byName.put(tool.name, tool) != null) {
                throw new IllegalArgumentException("two tools are called \"%s\"".formatted(tool.name));
            }
        }
        return byName;
    }

    /** The name the model calls it by. */
    public String name() {
        return name;
    }

    /** What it does, for the model. */
    public String description() {
        return description;
    }

    /** The JSON Schema of its parameters; always that of an object. */
    public String parametersSchema() {
        return parameters.schemaText();
    }

    /** The tool as a chat template takes it: maps, lists, strings, numbers and booleans, in the form that OpenAI's interface made usual. */
    Map<String, Object> definition() {
        var function = new LinkedHashMap<String, Object>();
        function.put("name", name);
        if (!description.isBlank()) {
            function.put("description", description);
        }
        function.put("parameters", parameters.shown());
        var definition = new LinkedHashMap<String, Object>();
        definition.put("type", "function");
        definition.put("function", function);
        return definition;
    }

    /**
     * The arguments of a call, as JSON text, from the raw text between its parameter tags.
     *
     * @throws MismatchException if they do not fit; the message is for the model
     */
    String arguments(Map<String, String> raw) {
        return fitting(() -> parameters.ofText(raw));
    }

    /**
     * The arguments of a call, as JSON text, from JSON that a model wrote.
     *
     * @throws MismatchException if they do not fit; the message is for the model
     */
    String arguments(String json) {
        return fitting(() -> parameters.ofJson(json));
    }

    /**
     * Runs a call.
     *
     * @throws MismatchException if its arguments do not fit, or a record of the parameters refuses them; the message is for the model
     */
    ToolResult call(ToolCall call) {
        Object arguments = fitting(() -> parameters.read(call.arguments()));
        try {
            return new ToolResult(call, ResultText.of(action.run(arguments)), null);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            return failed(call, e.getCause() == null ? e : e.getCause());
        } catch (Exception e) {
            return failed(call, e);
        }
    }

    private static ToolResult failed(ToolCall call, Throwable failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt(); // whoever called may want to know as well
        }
        var message = failure.getMessage();
        return new ToolResult(
                call,
                "Error: "
                        + (message == null || message.isBlank()
                                ? failure.getClass().getSimpleName()
                                : message),
                failure);
    }

    private <R> R fitting(Supplier<R> work) {
        try {
            return work.get();
        } catch (MismatchException e) {
            throw e.in("the call of %s".formatted(name));
        }
    }

    @Override
    public String toString() {
        return "Tool[%s]".formatted(name);
    }
}
