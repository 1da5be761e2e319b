package kawi.schema;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import kawi.Name;
import kawi.json.JsonException;
import kawi.json.JsonNull;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** What a tool is called with: always an object, whose properties are the parameters. */
public final class Parameters {

    private final JsonSchema schema;
    private final JsonObject shown;
    private final @Nullable ObjectShape shape;

    private Parameters(ObjectShape shape) {
        this.shape = shape;
        schema = new JsonSchema(SchemaWriter.write(shape, true));
        shown = SchemaWriter.write(shape, false);
    }

    private Parameters(JsonSchema given) {
        shape = null;
        schema = given;
        shown = given.root();
    }

    /** No parameters. {@link #read} gives an empty array. */
    public static Parameters none() {
        return new Parameters(ShapeBuilder.object("the tool", List.of(), values -> values));
    }

    /**
     * The components of a record, which {@link #read} makes.
     *
     * @throws IllegalArgumentException if it is no record, or a type within it has no JSON form
     */
    public static Parameters of(Class<?> record) {
        if (!record.isRecord() || !(ShapeBuilder.of(record, null) instanceof ObjectShape shape)) {
            throw new IllegalArgumentException(
                    "the parameters of a tool are the components of a record, but %s is not a record"
                            .formatted(record.getName()));
        }
        return new Parameters(shape);
    }

    /**
     * The parameters of a method, an array of which {@link #read} makes.
     *
     * @throws IllegalArgumentException if their names are not known, or a type has no JSON form
     */
    public static Parameters of(Method method) {
        var where = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        var declared = Arrays.stream(method.getParameters())
                .map(parameter -> {
                    var name = parameter.getAnnotation(Name.class);
                    if (name == null && !parameter.isNamePresent()) {
                        throw new IllegalArgumentException(
                                ("the names of the parameters of %s are not in its class file: compile it with"
                                                + " -parameters, or write @Name(\"...\") before each")
                                        .formatted(where));
                    }
                    return new ShapeBuilder.Declared(
                            name == null ? parameter.getName() : name.value(),
                            parameter.getParameterizedType(),
                            parameter.getAnnotatedType(),
                            parameter);
                })
                .toList();
        return new Parameters(ShapeBuilder.object(where, declared, values -> values));
    }

    /**
     * Makes a method callable.
     *
     * @throws IllegalArgumentException if its module does not allow that
     */
    public static void open(Method method) {
        if (!Access.open(method)) {
            throw new IllegalArgumentException(
                    "%s cannot be called: %s".formatted(method, Access.refusal(method.getDeclaringClass())));
        }
    }

    /**
     * Parameters described by a JSON Schema. {@link #read} gives the arguments' JSON text.
     *
     * @throws IllegalArgumentException if the text is not the schema of an object
     */
    public static Parameters ofSchema(String schema) {
        JsonValue node;
        try {
            node = JsonSyntax.STRICT.parse(schema);
        } catch (JsonException e) {
            throw new IllegalArgumentException("the schema is not JSON: " + e.getMessage());
        }
        if (!(node instanceof JsonObject object)
                || (object.has("type") && !object.path("type").asString().equals("object"))) {
            throw new IllegalArgumentException(
                    "the schema of a tool's parameters is that of an object, found " + Json.excerpt(node));
        }
        return new Parameters(JsonSchema.checked(object));
    }

    /** The names of the parameters, in order. */
    public List<String> names() {
        return List.copyOf(schema.root().path("properties").propertyNames());
    }

    /** The JSON Schema, to be constrained to. */
    public String schemaText() {
        return schema.root().toString();
    }

    /** The JSON Schema as the model is shown it, in maps, lists, strings, numbers and booleans. */
    public Object shown() {
        return Objects.requireNonNull(shown.toJava());
    }

    /**
     * The arguments that raw text between parameter tags stands for, as JSON text.
     *
     * @throws MismatchException if they do not fit
     */
    public String ofText(Map<String, String> raw) {
        var properties = schema.root().path("properties");
        var coercion = new Coercion(schema);
        var arguments = JsonObject.builder();
        raw.forEach((name, text) -> {
            var part =
                    properties.has(name) ? properties.path(name) : schema.root().path("additionalProperties");
            try {
                arguments.put(name, isNothing(name, part, text) ? JsonNull.NULL : coercion.ofText(part, text));
            } catch (MismatchException e) {
                throw new MismatchException("%s cannot be read: %s".formatted(name, e.getMessage()), e.getCause());
            }
        });
        return fitting(arguments.build()).toString();
    }

    /** Whether an optional parameter is given as one of the words for nothing, of which none could be its value. */
    private boolean isNothing(String name, JsonValue part, String text) {
        boolean required = schema.root()
                .path("required")
                .valueStream()
                .anyMatch(one -> one.asString().equals(name));
        return !required
                && !schema.allows(part, "string")
                && List.of("", "null", "None").contains(text.strip());
    }

    /**
     * The arguments that JSON text stands for, as JSON text.
     *
     * @throws MismatchException if they do not fit
     */
    public String ofJson(String json) {
        return fitting(parsed(json)).toString();
    }

    private static JsonValue parsed(String json) {
        try {
            return json.isBlank() ? JsonObject.empty() : JsonSyntax.LENIENT.parse(json);
        } catch (JsonException _) {
            throw new MismatchException("the arguments are not JSON: " + Json.excerpt(new JsonString(json)));
        }
    }

    /** The arguments with their values in the types of the schema, which they fit. */
    private JsonValue fitting(JsonValue arguments) {
        var coerced = new Coercion(schema).of(schema.root(), arguments);
        var faults = SchemaCheck.faults(schema, coerced);
        if (!faults.isEmpty()) {
            throw new MismatchException(SchemaCheck.sentence(faults));
        }
        return coerced;
    }

    /**
     * The Java value of arguments: a record, the values of a method's parameters, or the text itself, as this was made.
     *
     * @param json the arguments as {@link #ofText} or {@link #ofJson} gave them, or as a model wrote them
     * @throws MismatchException if they do not fit, or a record refuses them
     */
    public Object read(String json) {
        return shape == null ? ofJson(json) : shape.read(fitting(parsed(json)), "");
    }
}
