package kawi.server.protocol;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON from and to clients. A body is rejected, with the place of the fault, if it is not UTF-8, not one JSON object,
 * nested too deeply, or has a key twice, a number with too many digits, or half a surrogate pair.
 */
final class Json {

    private static final int MAX_DEPTH = 100;
    private static final int MAX_NUMBER_LENGTH = 300;
    private static final int MAX_NAME_LENGTH = 10_000;

    /** The largest exponent of a number; with it, conversions to other types remain cheap. */
    private static final int MAX_SCALE = 1000;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .maxNameLength(MAX_NAME_LENGTH)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    static String text(JsonNode node) {
        return MAPPER.writeValueAsString(node);
    }

    static ApiResponse.Complete response(int status, Map<String, String> headers, ObjectNode body) {
        return new ApiResponse.Complete(
                status, headers, "application/json", text(body).getBytes(StandardCharsets.UTF_8));
    }

    static Fields read(byte[] body) {
        if (body.length == 0) {
            throw malformed("The body is empty; it must be a JSON object.");
        }
        JsonNode root = parse(decode(body));
        if (!(root instanceof ObjectNode object)) {
            throw malformed("The body is %s; it must be a JSON object.".formatted(kind(root)));
        }
        check(object, "");
        return new Fields(object, "");
    }

    private static String decode(byte[] body) {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw malformed("The body is not valid UTF-8 at byte %d.".formatted(bytes.position()));
        }
    }

    private static JsonNode parse(String text) {
        try (JsonParser parser = MAPPER.reader().createParser(text)) {
            try {
                JsonNode root = MAPPER.readTree(parser);
                if (parser.nextToken() != null) {
                    throw malformed("The body has more text after the JSON object, at line %d, column %d."
                            .formatted(
                                    parser.currentTokenLocation().getLineNr(),
                                    parser.currentTokenLocation().getColumnNr()));
                }
                return root;
            } catch (JacksonException e) {
                JsonPointer at = parser.streamReadContext().pathAsPointer();
                throw malformed("The body is not valid JSON: %s, at line %d, column %d%s."
                        .formatted(
                                reason(e),
                                parser.currentLocation().getLineNr(),
                                parser.currentLocation().getColumnNr(),
                                at.length() == 0 ? "" : ", in " + path(at)));
            }
        }
    }

    /** The message of an exception in one line, without the source that Jackson appends. */
    private static String reason(JacksonException e) {
        String message = e.getOriginalMessage() == null ? "it cannot be read" : e.getOriginalMessage();
        return message.lines().findFirst().orElse("it cannot be read");
    }

    /** A pointer in the notation of this API's errors: {@code messages[0].content}. */
    private static String path(JsonPointer pointer) {
        StringBuilder path = new StringBuilder();
        for (JsonPointer at = pointer; !at.matches(); at = at.tail()) {
            if (at.mayMatchElement()) {
                path.append('[').append(at.getMatchingIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(at.getMatchingProperty());
            }
        }
        return path.toString();
    }

    private static ApiException malformed(String message) {
        return ApiException.invalid(null, "invalid_json", message);
    }

    private static void check(JsonNode node, String path) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                checkText(property.getKey(), path);
                check(property.getValue(), member(path, property.getKey()));
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                check(node.get(i), element(path, i));
            }
        } else if (node.isString()) {
            checkText(node.stringValue(), path);
        } else if (node.isNumber()
                && !node.isIntegralNumber()
                && Math.abs((long) node.decimalValue().scale()) > MAX_SCALE) {
            throw ApiException.invalid(
                    path, "invalid_value", "Invalid '%s': the exponent of the number is too large.".formatted(path));
        }
    }

    private static void checkText(String text, String path) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw ApiException.invalid(
                        path.isEmpty() ? null : path,
                        "invalid_string",
                        "Invalid '%s': the text has \\u%04x, half a surrogate pair, at index %d."
                                .formatted(path, (int) c, i));
            }
        }
    }

    static String member(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    static String element(String path, int index) {
        return path + "[" + index + "]";
    }

    /** What a value is, for messages. */
    static String kind(@Nullable JsonNode node) {
        return switch (node) {
            case null -> "nothing";
            case JsonNode n when n.isNull() -> "null";
            case JsonNode n when n.isObject() -> "an object";
            case JsonNode n when n.isArray() -> "an array";
            case JsonNode n when n.isString() -> "a string";
            case JsonNode n when n.isBoolean() -> "a boolean";
            case JsonNode n when n.isIntegralNumber() -> "an integer";
            case JsonNode n when n.isNumber() -> "a decimal number";
            default -> "a value";
        };
    }

    /** A value as strings, booleans, numbers, null, lists and maps. */
    static @Nullable Object toJava(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(property -> map.put(property.getKey(), toJava(property.getValue())));
            return map;
        }
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(item -> list.add(toJava(item)));
            return list;
        }
        if (node.isString()) {
            return node.stringValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber()) {
            BigInteger number = node.bigIntegerValue();
            return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
        }
        if (node.isNumber()) {
            BigDecimal number = node.decimalValue();
            return number.doubleValue();
        }
        return null;
    }
}
