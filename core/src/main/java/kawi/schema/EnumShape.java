package kawi.schema;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import kawi.Description;
import kawi.Name;
import kawi.json.JsonArray;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One of an enum's constants, by name.
 *
 * @param constants by their JSON names, in declaration order
 * @param description the descriptions of the enum and its constants
 */
record EnumShape(Map<String, Enum<?>> constants, @Nullable String description) implements Shape {

    static EnumShape of(Class<?> type, String where) {
        var constants = new LinkedHashMap<String, Enum<?>>();
        var described = new ArrayList<String>();
        var ofType = type.getAnnotation(Description.class);
        if (ofType != null) {
            described.add(ofType.value());
        }
        for (var value : type.getEnumConstants()) {
            var constant = (Enum<?>) value;
            var field = field(type, constant);
            var shown = shown(type, constant);
            if (constants.put(shown, constant) != null) {
                throw UnsupportedType.refusal(where, type.getTypeName(), "two constants are called " + shown);
            }
            var text = field.getAnnotation(Description.class);
            if (text != null) {
                described.add(shown + ": " + text.value());
            }
        }
        if (constants.isEmpty()) {
            throw UnsupportedType.refusal(where, type.getTypeName(), "an enum without constants has no value");
        }
        return new EnumShape(constants, described.isEmpty() ? null : String.join("; ", described));
    }

    /** The JSON name of a constant. */
    static String shown(Class<?> type, Enum<?> constant) {
        var name = field(type, constant).getAnnotation(Name.class);
        return name == null ? constant.name() : name.value();
    }

    private static Field field(Class<?> type, Enum<?> constant) {
        try {
            return type.getField(constant.name());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("enum without a field for its constant " + constant, e);
        }
    }

    @Override
    public JsonObject schema(SchemaWriter writer) {
        return JsonObject.builder()
                .put("type", "string")
                .put("enum", JsonArray.ofStrings(constants.keySet()))
                .build();
    }

    @Override
    public @Nullable Enum<?> read(JsonValue value, String where) {
        return constants.get(value.stringValue());
    }
}
