package kawi.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.json.JsonArray;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** One of the records of a sealed interface, selected by the first property of the object. */
final class UnionShape implements Shape.Named {

    private final String name;
    private final @Nullable String description;
    private String discriminator = "type";
    private Map<String, ObjectShape> variants = Map.of();

    UnionShape(String name, @Nullable String description) {
        this.name = name;
        this.description = description;
    }

    /** Sets the records; separate from the constructor because they may contain this union. */
    void variants(String property, Map<String, ObjectShape> shapes) {
        discriminator = property;
        variants = new LinkedHashMap<>(shapes);
    }

    Map<String, ObjectShape> variants() {
        return variants;
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
        var alternatives = new ArrayList<JsonValue>();
        variants.forEach((kind, shape) -> alternatives.add(
                SchemaWriter.described(shape.schema(writer, discriminator, kind), shape.description())));
        return JsonObject.builder().put("anyOf", new JsonArray(alternatives)).build();
    }

    @Override
    public Object read(JsonValue value, String where) {
        var kind = value.path(discriminator).asString();
        var shape = variants.get(kind);
        if (shape == null) {
            throw new MismatchException("%s is of the unknown kind %s".formatted(Json.place(where), kind));
        }
        return shape.read(value, where);
    }

    @Override
    public List<Shape> parts() {
        return variants.values().stream()
                .flatMap(variant -> variant.parts().stream())
                .toList();
    }
}
