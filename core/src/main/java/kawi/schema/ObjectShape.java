package kawi.schema;

import java.lang.reflect.InvocationTargetException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A record, or the parameters of a method. */
final class ObjectShape implements Shape.Named {

    /** A property of the object; it is required unless its shape is an {@link OptionalShape}. */
    record Component(String name, Shape shape, @Nullable String description) {}

    /** Makes the Java value of the components' values. */
    @FunctionalInterface
    interface Maker {
        Object make(@Nullable Object[] values) throws ReflectiveOperationException;
    }

    private final String name;
    private final @Nullable String description;
    private final Maker maker;
    private List<Component> components = List.of();

    ObjectShape(String name, @Nullable String description, Maker maker) {
        this.name = name;
        this.description = description;
        this.maker = maker;
    }

    /** Says what it consists of; apart from the constructor because a component may contain this shape. */
    void components(List<Component> all) {
        components = List.copyOf(all);
    }

    List<Component> components() {
        return components;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable String description() {
        return description;
    }

    @Override
    public ObjectNode schema(SchemaWriter writer) {
        return schema(writer, null, "");
    }

    /** The schema as one of several kinds: the property {@code discriminator} comes first and always is {@code kind}. */
    ObjectNode schema(SchemaWriter writer, @Nullable String discriminator, String kind) {
        var schema = Json.object().put("type", "object");
        var properties = schema.putObject("properties");
        var required = Json.array();
        if (discriminator != null) {
            properties.putObject(discriminator).put("const", kind);
            required.add(discriminator);
        }
        for (var component : components) {
            var shape = component.shape;
            if (shape instanceof OptionalShape optional) {
                shape = optional.value();
            } else {
                required.add(component.name);
            }
            properties.set(component.name, writer.node(shape, component.description));
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        writer.closed(schema);
        return schema;
    }

    @Override
    public Object read(JsonNode value, String where) {
        var values = new @Nullable Object[components.size()];
        for (int i = 0; i < values.length; i++) {
            var component = components.get(i);
            var property = value.get(component.name);
            values[i] = property == null && component.shape instanceof OptionalShape optional
                    ? optional.missing()
                    : component.shape.read(
                            property == null ? Json.missing() : property, Json.step(where, component.name));
        }
        try {
            return maker.make(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            var cause = e.getCause() == null ? e : e.getCause();
            throw new MismatchException(
                    "%s is refused by %s: %s".formatted(Json.place(where), name, Json.reason(cause)), cause);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("%s could be made before and no longer can".formatted(name), e);
        }
    }

    @Override
    public List<Shape> parts() {
        return components.stream().map(Component::shape).toList();
    }
}
