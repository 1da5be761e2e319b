package kawi.template;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON test data as trees or as Java values for templates. */
final class JsonFixtures {

    private JsonFixtures() {}

    static JsonNode read(@Nullable InputStream json) {
        return JsonMapper.shared().readTree(Objects.requireNonNull(json));
    }

    /** Parses a JSON string literal. */
    static String parse(String json) {
        return JsonMapper.shared().readTree(json).asString();
    }

    static Map<String, Object> map(JsonNode object) {
        Map<String, Object> map = new LinkedHashMap<>();
        object.propertyStream().forEach(property -> map.put(property.getKey(), value(property.getValue())));
        return map;
    }

    static @Nullable Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> map(node);
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                node.forEach(item -> list.add(value(item)));
                yield list;
            }
            case STRING -> node.asString();
            case BOOLEAN -> node.asBoolean();
            case NUMBER -> node.numberValue();
            default -> null;
        };
    }
}
