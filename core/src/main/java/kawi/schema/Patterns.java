package kawi.schema;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import kawi.json.JsonValue;
import kawi.regex.Regex;
import kawi.regex.RegexException;
import kawi.regex.Steps;
import kawi.regex.UnsupportedRegexException;
import org.jspecify.annotations.Nullable;

/**
 * The patterns of a schema, as {@link kawi.regex} reads them for the constraint as well. Those that it cannot evaluate,
 * because of a backreference, because they are not ECMAScript's, or because they are too complex, are known as such.
 */
final class Patterns {

    /** The limits on work, in steps of {@link kawi.regex.Steps}: for one pattern or text, and for all together. */
    private static final long MAX_STEPS = 3_000_000;

    private static final long MAX_STEPS_IN_ALL = 30_000_000;

    private final Map<String, Regex> compiled = new HashMap<>();

    /** The patterns of schemas. */
    Patterns(Collection<JsonValue> schemas) {
        var limit = limit();
        for (var schema : schemas) {
            if (schema.path("pattern").isString()) {
                add(schema.path("pattern").stringValue(), limit);
            }
            schema.path("patternProperties").propertyNames().forEach(pattern -> add(pattern, limit));
        }
    }

    /** A limit on the evaluation of patterns for one value. */
    static Budget limit() {
        return new Budget(MAX_STEPS_IN_ALL);
    }

    private static Steps within(Budget limit) {
        var own = new Budget(MAX_STEPS);
        return steps -> {
            own.spend(steps);
            limit.spend(steps);
        };
    }

    private void add(String pattern, Budget limit) {
        try {
            var steps = within(limit);
            var regex = Regex.parse(pattern, steps);
            regex.isFoundIn("", steps); // builds what every search needs
            compiled.put(pattern, regex);
        } catch (RegexException | MismatchException _) {
            // it stays unknown, and is not checked
        }
    }

    /** Whether the pattern occurs in the text, or null if that cannot be evaluated within the limits. */
    @Nullable Boolean found(String pattern, String text, Budget limit) {
        var regex = compiled.get(pattern);
        try {
            return regex == null ? null : regex.isFoundIn(text, within(limit));
        } catch (UnsupportedRegexException | MismatchException _) {
            return null;
        }
    }
}
