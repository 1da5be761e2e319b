package kawi.json;

/** A JSON string. */
public record JsonString(String value) implements JsonValue {

    @Override
    public String stringValue() {
        return value;
    }

    /** The JSON text, with quotes and escapes. */
    @Override
    public String toString() {
        return JsonWriter.text(this);
    }
}
