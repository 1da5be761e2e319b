package kawi.schema;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import kawi.json.JsonArray;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** A record, or the parameters of a method. */
final class ObjectShape implements Shape.Named {

    /** A property of the object; it is required unless its shape is an {@link OptionalShape}. */
    record Component(String name, Shape shape, @Nullable String description) {}

    /** Creates the Java value from the values of the components. */
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

    /** Sets the components; separate from the constructor because a component may contain this shape. */
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
    public JsonObject schema(SchemaWriter writer) {
        return schema(writer, null, "");
    }

    /**
     * The schema as a member of a union: the property {@code discriminator} comes first and has the constant value
     * {@code kind}.
     */
    JsonObject schema(SchemaWriter writer, @Nullable String discriminator, String kind) {
        var properties = JsonObject.builder();
        var required = new ArrayList<String>();
        if (discriminator != null) {
            properties.put(
                    discriminator, JsonObject.builder().put("const", kind).build());
            required.add(discriminator);
        }
        for (var component : components) {
            var shape = component.shape;
            if (shape instanceof OptionalShape optional) {
                shape = optional.value();
            } else {
                required.add(component.name);
            }
            properties.put(component.name, writer.node(shape, component.description));
        }
        var schema = JsonObject.builder().put("type", "object").put("properties", properties.build());
        if (!required.isEmpty()) {
            schema.put("required", JsonArray.ofStrings(required));
        }
        writer.closed(schema);
        return schema.build();
    }

    @Override
    public Object read(JsonValue value, String where) {
        var values = new @Nullable Object[components.size()];
        for (int i = 0; i < values.length; i++) {
            var component = components.get(i);
            var property = value.path(component.name);
            values[i] = property.isMissing() && component.shape instanceof OptionalShape optional
                    ? optional.missing()
                    : component.shape.read(property, Json.step(where, component.name));
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
