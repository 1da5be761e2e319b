package kawi.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Any JSON.
 *
 * @param tree whether it is wanted as Jackson's tree or in Java's own maps, lists, strings and numbers
 */
record AnyShape(boolean tree) implements Shape {

    @Override
    public ObjectNode schema(SchemaWriter writer) {
        return Json.object();
    }

    @Override
    public @Nullable Object read(JsonNode value, String where) {
        return tree ? value : Json.plain(value);
    }
}
