package kawi.json;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A JSON object, which keeps the order of its properties. */
public final class JsonObject implements JsonValue {

    private static final JsonObject EMPTY = builder().build();

    private final SequencedMap<String, JsonValue> properties;
    private final int hash;

    private JsonObject(SequencedMap<String, JsonValue> properties) {
        this.properties = Collections.unmodifiableSequencedMap(properties);
        int sum = 0;
        for (var property : properties.entrySet()) {
            sum += Hash.of(Hash.of(property.getKey()), property.getValue().hashCode()); // in any order
        }
        hash = sum;
    }

    public static JsonObject empty() {
        return EMPTY;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that has the properties of this object. */
    public Builder toBuilder() {
        var builder = new Builder();
        builder.properties.putAll(properties);
        return builder;
    }

    @Override
    public @Nullable JsonValue get(String name) {
        return properties.get(name);
    }

    @Override
    public Set<Map.Entry<String, JsonValue>> properties() {
        return properties.entrySet();
    }

    @Override
    public Set<String> propertyNames() {
        return properties.keySet();
    }

    @Override
    public Collection<JsonValue> values() {
        return properties.values();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof JsonObject object && hash == object.hash && properties.equals(object.properties));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return JsonWriter.text(this);
    }

    /** Collects properties; one that is put again keeps its place and has the later value. */
    public static final class Builder {

        private final SequencedMap<String, JsonValue> properties = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String name, JsonValue value) {
            properties.put(name, value);
            return this;
        }

        public Builder put(String name, String value) {
            return put(name, new JsonString(value));
        }

        public Builder put(String name, long value) {
            return put(name, JsonNumber.of(value));
        }

        public Builder put(String name, BigDecimal value) {
            return put(name, JsonNumber.of(value));
        }

        public Builder put(String name, boolean value) {
            return put(name, JsonBoolean.of(value));
        }

        public Builder putAll(JsonObject object) {
            properties.putAll(object.properties);
            return this;
        }

        public Builder remove(String name) {
            properties.remove(name);
            return this;
        }

        public JsonObject build() {
            return new JsonObject(new LinkedHashMap<>(properties));
        }
    }
}
