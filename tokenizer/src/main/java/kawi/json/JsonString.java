package kawi.json;

import org.jspecify.annotations.Nullable;

/** A JSON string. */
public record JsonString(String value) implements JsonValue {

    @Override
    public String stringValue() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonString(String text) && value.equals(text);
    }

    @Override
    public int hashCode() {
        return Hash.of(value);
    }

    /** The JSON text, with quotes and escapes. */
    @Override
    public String toString() {
        return JsonWriter.text(this);
    }
}
