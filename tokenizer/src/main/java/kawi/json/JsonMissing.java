package kawi.json;

/** What {@link JsonValue#path} gives where there is nothing; never part of a tree. */
public record JsonMissing() implements JsonValue {

    public static final JsonMissing MISSING = new JsonMissing();

    @Override
    public String toString() {
        return "";
    }
}
