package kawi.engine;

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
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import kawi.Tool;
import kawi.ToolCall;
import kawi.ToolMethod;
import kawi.ToolResult;
import kawi.ToolSpecification;
import kawi.constraint.CallSyntax;
import kawi.schema.MismatchException;
import kawi.schema.Parameters;
import kawi.schema.ResultText;
import org.jspecify.annotations.Nullable;

/** A tool whose calls are parsed, validated and run by the engine. */
final class JavaTool implements Tool {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");

    /** Calls the user's code with the converted arguments. */
    @FunctionalInterface
    private interface Action {
        @Nullable Object run(Object arguments) throws Exception;
    }

    private final String name;
    private final String description;
    private final Parameters parameters;
    private final Action action;

    /** The user's implementation of {@link Tool}, or null for Kawi's own. */
    private final @Nullable Tool userTool;

    private JavaTool(String name, String description, Parameters parameters, Action action) {
        this(name, description, parameters, action, null);
    }

    private JavaTool(String name, String description, Parameters parameters, Action action, @Nullable Tool userTool) {
        if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
            throw new IllegalArgumentException(
                    "tool \"%s\": a name is a letter or _, then up to 63 letters, digits, _, . and -".formatted(name));
        }
        this.name = name;
        this.description = Objects.requireNonNull(description, "description");
        this.parameters = parameters;
        this.action = action;
        this.userTool = userTool;
    }

    static <T> JavaTool of(String name, String description, Class<T> parameters, Function<? super T, ?> function) {
        Objects.requireNonNull(parameters, "parameters");
        Objects.requireNonNull(function, "function");
        return new JavaTool(
                name,
                description,
                described(name, () -> Parameters.of(parameters)),
                arguments -> function.apply(parameters.cast(arguments)));
    }

    /** Returns {@code tool} itself if it is Kawi's own, otherwise a wrapper for it. */
    static JavaTool of(Tool tool) {
        return tool instanceof JavaTool known
                ? known
                : new JavaTool(
                        tool.name(),
                        tool.description(),
                        described(tool.name(), () -> Parameters.ofSchema(tool.parametersSchema())),
                        arguments -> arguments,
                        tool);
    }

    /** A tool whose calls are returned, not run. */
    static JavaTool of(ToolSpecification tool) {
        return json(tool.name(), tool.description(), tool.parameters(), arguments -> {
            throw new IllegalStateException("%s has no function; its calls are returned".formatted(tool.name()));
        });
    }

    /** The tool as the user provided it. */
    Tool original() {
        return userTool == null ? this : userTool;
    }

    static JavaTool of(String name, String description, Supplier<?> function) {
        Objects.requireNonNull(function, "function");
        return new JavaTool(name, description, Parameters.none(), _ -> function.get());
    }

    static JavaTool json(String name, String description, String schema, Function<String, String> function) {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(function, "function");
        return new JavaTool(
                name,
                description,
                described(name, () -> Parameters.ofSchema(schema)),
                arguments -> function.apply((String) arguments));
    }

    static List<JavaTool> methods(Object instance) {
        var type = Objects.requireNonNull(instance, "instance").getClass();
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
                .sorted(Comparator.comparing(JavaTool::name))
                .toList();
        if (tools.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s has no public method with @ToolMethod".formatted(type.getTypeName()));
        }
        return List.copyOf(byName(tools).values());
    }

    private static JavaTool method(Object instance, Method method) {
        var annotation = method.getAnnotation(ToolMethod.class);
        var name = annotation.name().isEmpty() ? method.getName() : annotation.name();
        Parameters.open(method);
        var types = method.getParameterTypes();
        boolean record = types.length == 1 && types[0].isRecord();
        var parameters = described(name, () -> record ? Parameters.of(types[0]) : Parameters.of(method));
        return new JavaTool(name, annotation.value(), parameters, arguments -> {
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
     * Returns tools by name, in the given order.
     *
     * @throws IllegalArgumentException if two have the same name
     */
    static Map<String, JavaTool> byName(Collection<JavaTool> tools) {
        var byName = new LinkedHashMap<String, JavaTool>();
        for (var tool : tools) {
            if (byName.put(tool.name, tool) != null) {
                throw new IllegalArgumentException("two tools are called \"%s\"".formatted(tool.name));
            }
        }
        return byName;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    Set<String> parameterNames() {
        return Set.copyOf(parameters.names());
    }

    @Override
    public String parametersSchema() {
        return parameters.schemaText();
    }

    /**
     * Rejects a tool that cannot be called in the syntax of a model.
     *
     * @throws IllegalArgumentException if a parameter has a name that cannot be written
     */
    void checkParameters(CallSyntax syntax) {
        for (String parameter : parameters.names()) {
            if (!syntax.arguments().canNameParameter(parameter)) {
                throw new IllegalArgumentException("tool \"%s\": a parameter cannot be called \"%s\": %s"
                        .formatted(name, parameter, syntax.arguments().rule()));
            }
        }
    }

    /**
     * The tool as a chat template takes it: maps, lists, strings, numbers and booleans, in the form of OpenAI's API.
     */
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
     * Converts the raw texts between parameter tags to the arguments of a call, as JSON text.
     *
     * @throws MismatchException if they do not conform to the schema; the message is meant for the model
     */
    String arguments(Map<String, String> raw) {
        return convert(() -> parameters.ofText(raw));
    }

    /**
     * Converts JSON generated by a model to the arguments of a call, as JSON text.
     *
     * @throws MismatchException if they do not conform to the schema; the message is meant for the model
     */
    String arguments(String json) {
        return convert(() -> parameters.ofJson(json));
    }

    /**
     * A call whose arguments have been converted. Running it returns a result, even if the function throws an exception
     * other than an {@link Error}.
     */
    @FunctionalInterface
    interface Prepared {
        ToolResult run();
    }

    /**
     * Converts the arguments of a call.
     *
     * @throws MismatchException if they do not conform to the schema, or a record rejects them; the message is meant
     *     for the model
     */
    Prepared prepare(ToolCall call) {
        Object arguments = convert(() -> parameters.read(call.arguments()));
        return () -> userTool == null ? run(call, arguments) : run(call, userTool);
    }

    /** Converts the arguments of a call and runs it. */
    ToolResult run(ToolCall call) {
        return prepare(call).run();
    }

    private ToolResult run(ToolCall call, Object arguments) {
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

    private static ToolResult run(ToolCall call, Tool userTool) {
        try {
            return Objects.requireNonNull(userTool.call(call), "the tool gave no result");
        } catch (RuntimeException e) {
            return failed(call, e);
        }
    }

    @Override
    public ToolResult call(ToolCall call) {
        try {
            return run(call);
        } catch (MismatchException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** The result of a call that failed, which describes the failure. */
    static ToolResult failed(ToolCall call, Throwable failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt(); // preserved for the caller
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

    private <R> R convert(Supplier<R> work) {
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
