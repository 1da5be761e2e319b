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

/** The parameters of a tool: always an object, with a property for each parameter. */
public final class Parameters {

    private final JsonSchema schema;
    private final JsonObject shown;
    private final @Nullable ObjectShape shape;

    private Parameters(ObjectShape shape) {
        this.shape = shape;
        schema = JsonSchema.ofType(SchemaWriter.write(shape, true));
        shown = SchemaWriter.write(shape, false);
    }

    private Parameters(JsonSchema given) {
        shape = null;
        schema = given;
        shown = given.root();
    }

    /** No parameters. {@link #read} returns an empty array. */
    public static Parameters none() {
        return new Parameters(ShapeBuilder.object("the tool", List.of(), values -> values));
    }

    /**
     * The components of a record; {@link #read} returns the record.
     *
     * @throws IllegalArgumentException if the class is not a record, or a type within it has no JSON form
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
     * The parameters of a method; {@link #read} returns an array of them.
     *
     * @throws IllegalArgumentException if the parameter names are not known, or a type has no JSON form
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
     * Makes a method accessible.
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
     * Parameters described by a JSON Schema. {@link #read} returns the JSON text of the arguments.
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
                || (object.has("type") && !JsonSchema.types(object).contains("object"))) {
            throw new IllegalArgumentException(
                    "the schema of a tool's parameters is that of an object, found " + Json.excerpt(node));
        }
        return new Parameters(JsonSchema.checked(object));
    }

    /** The names of the parameters, in order. */
    public List<String> names() {
        return List.copyOf(schema.root().path("properties").propertyNames());
    }

    /** The JSON Schema for constrained generation. */
    public String schemaText() {
        return schema.root().toString();
    }

    /** The JSON Schema as presented to the model, as maps, lists, strings, numbers and booleans. */
    public Object shown() {
        return Objects.requireNonNull(shown.toJava());
    }

    /**
     * Converts raw text between parameter tags to the JSON text of the arguments.
     *
     * @throws MismatchException if the arguments are not valid
     */
    public String ofText(Map<String, String> raw) {
        var coercion = new Coercion(schema);
        var arguments = JsonObject.builder();
        raw.forEach((name, text) -> {
            var part = schema.property(name);
            try {
                var value = Budget.withinStack(() -> coercion.ofText(part, text));
                arguments.put(name, isNothing(name, text) && !coercion.fits(part, value) ? JsonNull.NULL : value);
            } catch (MismatchException e) {
                throw new MismatchException("%s cannot be read: %s".formatted(name, e.getMessage()), e.getCause());
            }
        });
        return fitting(arguments.build()).toString();
    }

    /** Whether the text is a word for an absent value of a parameter that may be absent. */
    private boolean isNothing(String name, String text) {
        return List.of("", "null", "None").contains(text.strip()) && !schema.requires(name);
    }

    /**
     * Converts the JSON text of arguments to the types of the schema.
     *
     * @throws MismatchException if the arguments are not valid
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

    /** The arguments converted to the types of the schema, after validation. */
    private JsonValue fitting(JsonValue arguments) {
        return Budget.withinStack(() -> checked(new Coercion(schema).of(arguments)));
    }

    private JsonValue checked(JsonValue coerced) {
        if (!coerced.isObject()) {
            throw new MismatchException("the value must be an object, but is " + Json.excerpt(coerced));
        }
        var faults = SchemaCheck.faults(schema, coerced);
        if (!faults.isEmpty()) {
            throw new MismatchException(SchemaCheck.sentence(faults));
        }
        return coerced;
    }

    /**
     * The Java value of arguments: a record, the values of a method's parameters, or the text itself, depending on the
     * factory method.
     *
     * @param json the arguments from {@link #ofText} or {@link #ofJson}, or as written by a model
     * @throws MismatchException if the arguments are not valid, or the constructor of a record rejects them
     */
    public Object read(String json) {
        return shape == null ? ofJson(json) : shape.read(fitting(parsed(json)), "");
    }
}
