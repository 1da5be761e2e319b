package kawi.schema;

import kawi.json.JsonObject;
import kawi.json.JsonValue;

/** True or false. */
record BooleanShape() implements Shape {

    @Override
    public JsonObject schema(SchemaWriter writer) {
        return JsonObject.builder().put("type", "boolean").build();
    }

    @Override
    public Boolean read(JsonValue value, String where) {
        return value.booleanValue();
    }
}
