package kawi.constraint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Random schemas of few keywords each, nested and combined in every way, over a small vocabulary of names and values,
 * so that random instances have a chance to be valid.
 */
final class RandomKeywords {

    private static final List<String> NAMES = List.of("\"a\"", "\"b\"", "\"ab\"");
    private static final List<String> VALUES = List.of(
            "0",
            "1",
            "2",
            "1.5",
            "\"\"",
            "\"a\"",
            "\"ab\"",
            "true",
            "false",
            "null",
            "[]",
            "[1]",
            "[1, \"a\"]",
            "{}",
            "{\"a\": 1}",
            "{\"b\": \"a\"}");
    private static final List<String> TYPES =
            List.of("object", "array", "string", "number", "integer", "boolean", "null");
    private static final List<String> PATTERNS = List.of("\"^a\"", "\"b$\"", "\"^[ab]{1,2}$\"", "\".\"");

    private final Random random;
    private final boolean draft7;

    RandomKeywords(Random random, boolean draft7) {
        this.random = random;
        this.draft7 = draft7;
    }

    private <T> T pick(List<T> options) {
        return options.get(random.nextInt(options.size()));
    }

    private String list(int min, int max, Supplier<String> part) {
        List<String> parts = new ArrayList<>();
        for (int i = min + random.nextInt(max - min + 1); i > 0; i--) {
            parts.add(part.get());
        }
        return String.join(", ", parts);
    }

    private String names(int min) {
        List<String> names = new ArrayList<>(NAMES);
        Collections.shuffle(names, random);
        return String.join(", ", names.subList(0, min + random.nextInt(3 - min)));
    }

    private String map(Supplier<String> value) {
        List<String> names = new ArrayList<>(NAMES);
        Collections.shuffle(names, random);
        return "{"
                + String.join(
                        ", ",
                        names.subList(0, 1 + random.nextInt(2)).stream()
                                .map(name -> name + ": " + value.get())
                                .toList())
                + "}";
    }

    /** A schema with up to {@code depth} levels of schemas inside. */
    String schema(int depth) {
        if (depth == 0 || random.nextInt(12) == 0) {
            return pick(List.of(
                    "true",
                    "false",
                    "{}",
                    "{\"type\": \"" + pick(TYPES) + "\"}",
                    "{\"const\": " + pick(VALUES) + "}",
                    "{\"enum\": [" + list(1, 4, () -> pick(VALUES)) + "]}",
                    "{\"minimum\": 1}",
                    "{\"type\": \"string\", \"pattern\": " + pick(PATTERNS) + "}"));
        }
        List<String> keywords = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            keywords.add("\"type\": " + pick(List.of("\"" + pick(TYPES) + "\"", "[\"object\", \"integer\"]")));
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
            String keyword = keyword(depth - 1);
            String name = keyword.substring(0, keyword.indexOf(':'));
            if (keywords.stream().noneMatch(other -> other.startsWith(name + ":"))) {
                keywords.add(keyword);
            }
        }
        return "{" + String.join(", ", keywords) + "}";
    }

    private String keyword(int depth) {
        int small = random.nextInt(3);
        return switch (random.nextInt(draft7 ? 27 : 31)) {
            case 0, 1 -> "\"properties\": " + map(() -> schema(depth));
            case 2 -> "\"required\": [" + names(1) + "]";
            case 3 -> "\"additionalProperties\": " + schema(depth);
            case 4 -> "\"patternProperties\": {" + pick(PATTERNS) + ": " + schema(depth) + "}";
            case 5 ->
                "\"propertyNames\": " + pick(List.of("{\"maxLength\": 1}", "{\"enum\": [\"a\", \"ab\"]}", "true"));
            case 6 -> "\"minProperties\": " + small;
            case 7 -> "\"maxProperties\": " + small;
            case 8 -> "\"items\": " + schema(depth);
            case 9 ->
                draft7
                        ? "\"items\": [" + list(1, 2, () -> schema(depth)) + "]"
                        : "\"prefixItems\": [" + list(1, 2, () -> schema(depth)) + "]";
            case 10 -> "\"minItems\": " + small;
            case 11 -> "\"maxItems\": " + small;
            case 12 -> "\"contains\": " + schema(depth);
            case 13 -> "\"minLength\": " + small;
            case 14 -> "\"maxLength\": " + small;
            case 15 -> "\"pattern\": " + pick(PATTERNS);
            case 16 -> "\"minimum\": " + small;
            case 17 -> "\"exclusiveMaximum\": " + small;
            case 18 -> "\"multipleOf\": " + pick(List.of("1", "2", "0.5"));
            case 19 -> "\"enum\": [" + list(1, 4, () -> pick(VALUES)) + "]";
            case 20 -> "\"allOf\": [" + list(1, 2, () -> schema(depth)) + "]";
            case 21 -> "\"anyOf\": [" + list(1, 3, () -> schema(depth)) + "]";
            case 22 -> "\"oneOf\": [" + list(1, 3, () -> schema(depth)) + "]";
            case 23 -> "\"not\": " + schema(depth);
            case 24 -> "\"if\": %s, \"then\": %s, \"else\": %s".formatted(schema(depth), schema(depth), schema(depth));
            case 25 -> (draft7 ? "\"dependencies\": " : "\"dependentSchemas\": ") + map(() -> schema(depth));
            case 26 -> (draft7 ? "\"dependencies\": " : "\"dependentRequired\": ") + map(() -> "[" + names(0) + "]");
            case 27 -> "\"unevaluatedProperties\": " + schema(depth);
            case 28 -> "\"unevaluatedItems\": " + schema(depth);
            case 29 -> "\"contains\": %s, \"minContains\": %d, \"maxContains\": 2".formatted(schema(depth), small);
            default -> "\"uniqueItems\": true";
        };
    }

    /** An instance of up to {@code depth} levels. */
    String instance(int depth) {
        return switch (random.nextInt(depth == 0 ? 1 : 4)) {
            case 0, 1 -> pick(VALUES).replace(", ", ",").replace(": ", ":");
            case 2 -> "[" + list(0, 3, () -> instance(depth - 1)).replace(", ", ",") + "]";
            default -> map(() -> instance(depth - 1)).replace(", ", ",").replace(": ", ":");
        };
    }
}
