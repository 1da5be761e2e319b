package kawi.constraint;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import kawi.json.JsonValue;

/** Resolves {@code $ref} inside one document. */
record SchemaReferences(JsonValue document) {

    private static final int MAX_CHAIN = 64;

    /** The target of the reference in {@code schema}. */
    Schema target(Schema schema) {
        String reference = schema.string("$ref");
        if (reference == null || !(reference.equals("#") || reference.startsWith("#/"))) {
            throw schema.refused("only references within the document, such as #/$defs/name, are supported, not "
                    + GrammarException.quote(String.valueOf(reference)));
        }
        var target = new Schema(document, "");
        String[] steps =
                reference.length() == 1 ? new String[0] : reference.substring(2).split("/", -1);
        var budget = Budget.current();
        for (String step : steps) {
            budget.spend(10 + step.length() / 16);
            String key = decoded(step, schema).replace("~1", "/").replace("~0", "~");
            if (target.node().isArray()
                    && key.matches("[0-9]{1,6}")
                    && Integer.parseInt(key) < target.node().size()) {
                target = target.at(Integer.parseInt(key));
            } else if (target.node().isObject() && target.has(key)) {
                target = target.at(key);
            } else {
                throw schema.refused("there is no " + GrammarException.quote(reference));
            }
        }
        return target;
    }

    private static String decoded(String step, Schema schema) {
        try {
            return URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw schema.refused("this reference is not well-formed: " + e.getMessage());
        }
    }

    /** Follows references to the end of the chain. */
    Schema resolved(Schema schema) {
        Schema at = schema;
        for (int i = 0; at.node().isObject() && at.has("$ref"); i++) {
            if (i == MAX_CHAIN) {
                throw schema.refused("this refers to itself, or through more than " + MAX_CHAIN + " others");
            }
            at = target(at);
        }
        return at;
    }
}
