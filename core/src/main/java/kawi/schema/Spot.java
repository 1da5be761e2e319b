package kawi.schema;

import java.util.ArrayDeque;
import kawi.json.JsonString;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A value that is compared with a schema.
 *
 * @param path the last step to it, or null for the whole value; a name in a message is made of it when it is needed
 * @param scope the resources of the schema on the way to it
 */
record Spot(JsonValue value, @Nullable Step path, Scope scope) {

    /** The resources that have been entered, the last one first; dynamic references are resolved in them. */
    record Scope(SchemaIndex.Resource resource, @Nullable Scope outer) {

        Scope in(SchemaIndex.Resource entered) {
            return Json.same(entered, resource) ? this : new Scope(entered, this);
        }

        /** The schema with the dynamic anchor in the resource that was entered first, or {@code otherwise}. */
        JsonValue find(String anchor, JsonValue otherwise) {
            var found = otherwise;
            for (var scope = this; scope != null; scope = scope.outer) {
                var candidate = scope.resource.dynamic(anchor);
                found = candidate == null ? found : candidate;
            }
            return found;
        }
    }

    /**
     * A step to a part of a value.
     *
     * @param outer the step before it
     * @param text the name of a property, an index in brackets, or a name in quotes if the name itself is the value
     */
    record Step(@Nullable Step outer, Kind kind, String text) {

        enum Kind {
            PROPERTY,
            ELEMENT,
            NAME
        }
    }

    Spot in(SchemaIndex.Resource entered) {
        var inner = scope.in(entered);
        return Json.same(inner, scope) ? this : new Spot(value, path, inner);
    }

    Spot property(String name, JsonValue property) {
        return new Spot(property, new Step(path, Step.Kind.PROPERTY, name), scope);
    }

    Spot element(int index, JsonValue element) {
        return new Spot(element, new Step(path, Step.Kind.ELEMENT, "[" + index + "]"), scope);
    }

    /** The name of a property, as a value. */
    Spot name(String name) {
        return new Spot(new JsonString(name), new Step(path, Step.Kind.NAME, name), scope);
    }

    /** The path of the value; that of the whole value is empty. */
    String where() {
        var steps = new ArrayDeque<Step>();
        for (var step = path; step != null; step = step.outer) {
            steps.push(step);
        }
        var where = new StringBuilder();
        for (var step : steps) {
            where.append(step.kind == Step.Kind.ELEMENT || where.isEmpty() ? "" : ".")
                    .append(step.text);
        }
        return path != null && path.kind == Step.Kind.NAME ? "the name \"" + where + "\"" : where.toString();
    }

    /** The name of the value in a message. */
    String place() {
        return Json.place(where());
    }

    /** The value in a message. */
    String excerpt() {
        return Json.excerpt(value);
    }
}
