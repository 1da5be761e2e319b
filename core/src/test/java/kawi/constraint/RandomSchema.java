package kawi.constraint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random schemas of every supported kind. */
final class RandomSchema {

    private static final List<String> NAMES = List.of("a", "name", "na", "é", "x y", "q\\\"", "tag", "🪁", "n\\n");
    private static final List<String> PATTERNS = List.of(
            "^[A-Z]{2}-[0-9]{1,4}$",
            "[0-9]+", "^(?:red|green|blue)$", "^é*x", "a|^b$", "^\\\\S+$", "^.{2,5}$", "^[^\\\"\\\\\\\\]*$");
    private static final List<String> FORMATS =
            List.of("date", "time", "date-time", "uuid", "ipv4", "email", "duration");

    private final Random random;

    private RandomSchema(Random random) {
        this.random = random;
    }

    static String of(Random random) {
        var made = new RandomSchema(random);
        String root = made.schema(3);
        String list =
                "{\"type\":\"object\",\"properties\":{\"v\":%s,\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/list\"},{\"type\":\"null\"}]}},\"required\":[\"v\"]}"
                        .formatted(made.string());
        return "{\"$defs\":{\"list\":" + list
                + ",\"tree\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/tree\"}}},\"allOf\":[" + root + "]}";
    }

    private <T> T pick(List<T> options) {
        return options.get(random.nextInt(options.size()));
    }

    private String schema(int depth) {
        return switch (random.nextInt(depth > 0 ? 16 : 9)) {
            case 0 -> "{\"type\":\"boolean\"}";
            case 1 -> "{\"type\":[\"null\",\"integer\"]" + integerBounds() + "}";
            case 2 -> "{\"type\":\"integer\"" + integerBounds() + "}";
            case 3 -> "{\"type\":\"number\"" + numberBounds() + "}";
            case 4, 5 -> string();
            case 6 -> "{\"enum\":[\"a\",\"ab\",1,null,{\"k\":[]}, \"\\u0007é\"]}";
            case 7 -> "{\"$ref\":\"#/$defs/" + pick(List.of("list", "tree")) + "\"}";
            case 8 -> random.nextInt(4) == 0 ? "true" : "{\"const\":\"x\"}";
            case 9, 10, 11 -> object(depth - 1);
            case 12, 13 -> array(depth - 1);
            case 14 -> "{\"anyOf\":[" + schema(depth - 1) + "," + schema(depth - 1) + "]}";
            default ->
                "{\"oneOf\":[{\"type\":\"null\"}," + tagged("a", depth - 1) + "," + tagged("b", depth - 1) + "]}";
        };
    }

    private String tagged(String tag, int depth) {
        return "{\"type\":\"object\",\"properties\":{\"v\":%s,\"kind\":{\"const\":\"%s\"}},\"required\":[\"kind\"]}"
                .formatted(schema(depth), tag);
    }

    private String integerBounds() {
        int low = random.nextInt(200) - 100;
        return switch (random.nextInt(5)) {
            case 0 -> ",\"minimum\":" + low;
            case 1 -> ",\"exclusiveMaximum\":" + low * 1000;
            case 2 -> ",\"minimum\":" + low + ",\"maximum\":" + (low + random.nextInt(1000));
            case 3 -> ",\"multipleOf\":" + (1 + random.nextInt(30));
            default -> "";
        };
    }

    private String numberBounds() {
        double low = (random.nextInt(2000) - 1000) / 100.0;
        return switch (random.nextInt(4)) {
            case 0 -> ",\"minimum\":" + low;
            case 1 ->
                ",\"exclusiveMinimum\":" + low + ",\"exclusiveMaximum\":" + (low + 0.01 + random.nextInt(50) / 8.0);
            case 2 -> ",\"maximum\":" + low + ",\"multipleOf\":" + pick(List.of("0.01", "0.25", "5", "0.5"));
            default -> "";
        };
    }

    private String string() {
        int min = random.nextInt(6);
        return switch (random.nextInt(5)) {
            case 0 -> "{\"type\":\"string\",\"minLength\":%d,\"maxLength\":%d}".formatted(min, min + random.nextInt(8));
            case 1 -> "{\"type\":\"string\",\"pattern\":\"" + pick(PATTERNS) + "\"}";
            case 2 -> "{\"type\":\"string\",\"format\":\"" + pick(FORMATS) + "\"}";
            case 3 -> "{\"type\":\"string\",\"maxLength\":" + min + "}";
            default -> "{\"type\":\"string\"}";
        };
    }

    private String object(int depth) {
        List<String> names = new ArrayList<>(NAMES);
        Collections.shuffle(names, random);
        names = names.subList(0, random.nextInt(5));
        List<String> properties = new ArrayList<>();
        List<String> required = new ArrayList<>();
        for (String name : names) {
            properties.add("\"" + name + "\":" + schema(depth));
            if (random.nextBoolean()) {
                required.add("\"" + name + "\"");
            }
        }
        String additional = switch (random.nextInt(4)) {
            case 0 -> ",\"additionalProperties\":false";
            case 1 -> ",\"additionalProperties\":" + schema(0);
            default -> "";
        };
        return "{\"type\":\"object\",\"properties\":{%s},\"required\":[%s]%s}"
                .formatted(String.join(",", properties), String.join(",", required), additional);
    }

    private String array(int depth) {
        int min = random.nextInt(3);
        return switch (random.nextInt(3)) {
            case 0 -> "{\"type\":\"array\",\"items\":" + schema(depth) + "}";
            case 1 ->
                "{\"type\":\"array\",\"items\":%s,\"minItems\":%d,\"maxItems\":%d}"
                        .formatted(schema(depth), min, min + random.nextInt(4));
            default ->
                "{\"type\":\"array\",\"prefixItems\":[%s,%s],\"items\":%s,\"minItems\":%d}"
                        .formatted(schema(depth), schema(0), schema(0), min);
        };
    }
}
