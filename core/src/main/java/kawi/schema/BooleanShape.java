package kawi.schema;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** True or false. */
record BooleanShape() implements Shape {

    @Override
    public ObjectNode schema(SchemaWriter writer) {
        return Json.object().put("type", "boolean");
    }

    @Override
    public Boolean read(JsonNode value, String where) {
        return value.booleanValue();
    }
}
