package kawi.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kawi.json.JsonArray;
import kawi.json.JsonBoolean;
import kawi.json.JsonNull;
import kawi.json.JsonObject;
import kawi.json.JsonString;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;

/** Random schemas of draft 2020-12 with all keywords of validation, and values that often are valid for them. */
final class RandomCheckedSchema {

    private static final List<String> NAMES = List.of("a", "b", "c", "kind");
    private static final List<String> TEXTS = List.of("a", "b", "ab", "", "12", "x y", "😀😀", "null");
    private static final List<String> NUMBERS = List.of("0", "1", "1.0", "2", "-1", "2.5", "3", "1e1", "0.1");
    private static final List<String> PATTERNS = List.of("^a", "b$", "^[a-c]+$", "[0-9]", "^k", "");
    private static final List<String> TYPES =
            List.of("object", "array", "string", "number", "integer", "boolean", "null");

    private final Random random;

    private RandomCheckedSchema(Random random) {
        this.random = random;
    }

    /** A schema whose definitions {@code d0} and {@code d1} may be referred to from everywhere. */
    static JsonObject of(Random random) {
        var generator = new RandomCheckedSchema(random);
        var definitions = JsonObject.builder();
        definitions.put("d0", generator.schema(1, false));
        definitions.put("d1", generator.schema(2, false));
        return generator.object(3, true).toBuilder()
                .put("$defs", definitions.build())
                .build();
    }

    /** The schema of an object whose property {@code v} has the schema. */
    static String asParameter(JsonObject schema) {
        return JsonObject.builder()
                .put(
                        "properties",
                        JsonObject.builder()
                                .put("v", schema.toBuilder().remove("$defs").build())
                                .build())
                .put("required", JsonArray.ofStrings(List.of("v")))
                .put("$defs", schema.path("$defs"))
                .build()
                .toString();
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private JsonValue schema(int depth, boolean references) {
        return switch (random.nextInt(12)) {
            case 0 -> JsonBoolean.TRUE;
            case 1 -> JsonBoolean.of(random.nextInt(3) > 0);
            case 2, 3 -> references ? reference() : object(depth, references);
            default -> object(depth, references);
        };
    }

    private JsonObject reference() {
        return JsonObject.builder().put("$ref", "#/$defs/d" + random.nextInt(2)).build();
    }

    private JsonArray schemas(int depth, boolean references) {
        var schemas = new ArrayList<JsonValue>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            schemas.add(schema(depth, references));
        }
        return new JsonArray(schemas);
    }

    private JsonObject map(List<String> keys, int depth, boolean references) {
        var map = JsonObject.builder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            map.put(one(keys), schema(depth, references));
        }
        return map.build();
    }

    private JsonArray names() {
        return JsonArray.ofStrings(
                NAMES.stream().filter(_ -> random.nextInt(3) == 0).toList());
    }

    private JsonObject object(int depth, boolean references) {
        var schema = JsonObject.builder();
        if (random.nextInt(3) == 0) {
            schema.put("type", random.nextBoolean() ? new JsonString(one(TYPES)) : types());
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            if (depth > 0) {
                applicator(schema, depth - 1, references);
            }
            assertion(schema);
        }
        if (depth > 0 && random.nextInt(12) == 0) {
            schema.put(random.nextBoolean() ? "unevaluatedProperties" : "unevaluatedItems", schema(0, references));
        }
        if (random.nextInt(20) == 0) {
            schema.put("default", JsonSyntax.STRICT.parse("{\"$ref\":\"#/nowhere\",\"pattern\":\"(\",\"items\":7}"));
        }
        return schema.build();
    }

    private JsonValue types() {
        return JsonArray.ofStrings(
                List.of(one(TYPES), "string").stream().distinct().toList());
    }

    private void applicator(JsonObject.Builder schema, int depth, boolean references) {
        switch (random.nextInt(16)) {
            case 0 -> schema.put("allOf", schemas(depth, references));
            case 1 -> schema.put("anyOf", schemas(depth, references));
            case 2 -> schema.put("oneOf", schemas(depth, references));
            case 3 -> schema.put("not", schema(depth, references));
            case 4 ->
                schema.put("if", schema(depth, references))
                        .put("then", schema(depth, references))
                        .put("else", schema(depth, references));
            case 5, 6 -> schema.put("properties", map(NAMES, depth, references));
            case 7 -> schema.put("patternProperties", map(PATTERNS, depth, references));
            case 8 -> schema.put("additionalProperties", schema(depth, references));
            case 9 -> schema.put("propertyNames", schema(depth, references));
            case 10 -> schema.put("prefixItems", schemas(depth, references));
            case 11 -> schema.put("items", schema(depth, references));
            case 12 -> schema.put("contains", schema(depth, references));
            case 13 -> schema.put("dependentSchemas", map(NAMES, depth, references));
            case 14 ->
                schema.put("contains", schema(depth, references))
                        .put("minContains", random.nextInt(3))
                        .put("maxContains", random.nextInt(1, 4));
            default -> {
                if (references) {
                    schema.put("$ref", "#/$defs/d" + random.nextInt(2));
                }
            }
        }
    }

    private void assertion(JsonObject.Builder schema) {
        switch (random.nextInt(18)) {
            case 0 -> schema.put("const", value(random, 1));
            case 1 -> schema.put("enum", JsonArray.of(value(random, 1), value(random, 1), new JsonString(one(TEXTS))));
            case 2 -> schema.put("minimum", number());
            case 3 -> schema.put("maximum", number());
            case 4 -> schema.put("exclusiveMinimum", number());
            case 5 -> schema.put("exclusiveMaximum", number());
            case 6 -> schema.put("multipleOf", JsonSyntax.STRICT.parse(one(List.of("2", "0.5", "0.1", "3"))));
            case 7 -> schema.put("minLength", random.nextInt(3));
            case 8 -> schema.put("maxLength", random.nextInt(3));
            case 9 -> schema.put("pattern", one(PATTERNS));
            case 10 -> schema.put("minItems", random.nextInt(3));
            case 11 -> schema.put("maxItems", random.nextInt(3));
            case 12 -> schema.put("uniqueItems", random.nextBoolean());
            case 13 -> schema.put("minProperties", random.nextInt(3));
            case 14 -> schema.put("maxProperties", random.nextInt(3));
            case 15 -> schema.put("required", names());
            case 16 ->
                schema.put(
                        "dependentRequired",
                        JsonObject.builder().put(one(NAMES), names()).build());
            default -> schema.put("title", "t");
        }
    }

    private JsonValue number() {
        return JsonSyntax.STRICT.parse(one(NUMBERS));
    }

    /** A random value. */
    static JsonValue value(Random random, int depth) {
        var generator = new RandomCheckedSchema(random);
        return switch (random.nextInt(depth > 0 ? 12 : 6)) {
            case 0 -> JsonNull.NULL;
            case 1 -> JsonBoolean.of(random.nextBoolean());
            case 2, 3 -> generator.number();
            case 4, 5 -> new JsonString(generator.one(TEXTS));
            case 6, 7, 8 -> {
                var elements = new ArrayList<JsonValue>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    elements.add(value(random, depth - 1));
                }
                yield new JsonArray(elements);
            }
            default -> {
                var object = JsonObject.builder();
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.put(generator.one(NAMES), value(random, depth - 1));
                }
                yield object.build();
            }
        };
    }
}
