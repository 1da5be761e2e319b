package kawi.json;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JSON array. */
public final class JsonArray implements JsonValue {

    private static final JsonArray EMPTY = new JsonArray(List.of());

    private final List<JsonValue> elements;
    private final int hash;

    public JsonArray(Collection<? extends JsonValue> elements) {
        this.elements = List.copyOf(elements);
        int chain = this.elements.size();
        for (JsonValue element : this.elements) {
            chain = Hash.of(chain, element.hashCode());
        }
        hash = chain;
    }

    public static JsonArray empty() {
        return EMPTY;
    }

    public static JsonArray of(JsonValue... elements) {
        return new JsonArray(List.of(elements));
    }

    public static JsonArray ofStrings(Collection<String> texts) {
        return new JsonArray(texts.stream().map(JsonString::new).toList());
    }

    @Override
    public @Nullable JsonValue get(int index) {
        return index >= 0 && index < elements.size() ? elements.get(index) : null;
    }

    @Override
    public List<JsonValue> values() {
        return elements;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof JsonArray array && hash == array.hash && elements.equals(array.elements));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return JsonWriter.text(this);
    }
}
