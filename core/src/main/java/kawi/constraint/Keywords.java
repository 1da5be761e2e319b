package kawi.constraint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keywords of JSON Schema that restrict values. All others are annotations, whatever their values. */
final class Keywords {

    /** The types of values; an integer is a number. */
    static final List<String> TYPES = List.of("object", "array", "string", "number", "boolean", "null");

    /** Keywords that combine schemas for the same value, and those that restrict values of every type. */
    static final Set<String> OF_ANY_TYPE = Set.of(
            "type", "enum", "const", "$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf", "not", "if");

    /** Keywords that restrict values of one type only. */
    static final Map<String, Set<String>> OF_TYPE = Map.of(
            "object",
            Set.of(
                    "properties",
                    "required",
                    "additionalProperties",
                    "patternProperties",
                    "propertyNames",
                    "minProperties",
                    "maxProperties",
                    "dependentRequired",
                    "dependentSchemas",
                    "dependencies",
                    "unevaluatedProperties"),
            "array",
            Set.of(
                    "items",
                    "prefixItems",
                    "additionalItems",
                    "minItems",
                    "maxItems",
                    "uniqueItems",
                    "contains",
                    "unevaluatedItems"),
            "string",
            Set.of("minLength", "maxLength", "pattern", "format"),
            "number",
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"));

    /** Keywords that have a meaning only beside another one. */
    static final Set<String> BESIDE_OTHERS = Set.of("then", "else", "minContains", "maxContains", "nullable");

    /** The bit of the only type that a keyword restricts, or 0 if it restricts values of every type. */
    private static final Map<String, Integer> BITS = bits();

    private Keywords() {}

    private static Map<String, Integer> bits() {
        Map<String, Integer> bits = new HashMap<>();
        OF_ANY_TYPE.forEach(keyword -> bits.put(keyword, 0));
        OF_TYPE.forEach((type, keywords) -> keywords.forEach(keyword -> bits.put(keyword, bit(type))));
        return Map.copyOf(bits);
    }

    /** Whether {@code keyword} restricts values. */
    static boolean restricts(String keyword) {
        return BITS.containsKey(keyword);
    }

    /** Whether {@code keyword} restricts values of {@code type} and no others. */
    static boolean restricts(String keyword, String type) {
        return BITS.getOrDefault(keyword, 0) == bit(type);
    }

    /** A bit for each of {@link #TYPES}. */
    static int bit(String type) {
        int index = TYPES.indexOf(type.equals("integer") ? "number" : type);
        return index < 0 ? 0 : 1 << index;
    }

    /** The types, as bits, that the keywords of {@code schema} are about. */
    static int meant(Schema schema) {
        int meant = 0;
        for (String keyword : schema.node().propertyNames()) {
            meant |= BITS.getOrDefault(keyword, 0);
        }
        return meant;
    }
}
