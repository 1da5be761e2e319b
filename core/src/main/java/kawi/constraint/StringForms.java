package kawi.constraint;

import java.util.Map;
import kawi.regex.CodePoints;
import org.jspecify.annotations.Nullable;

/**
 * The restrictions of a schema on the content of a string ({@code pattern}, {@code format}, lengths) as an automaton
 * over one spelling of it: that of JSON, or the plain text.
 *
 * <p>The supported formats are those that a regular expression defines exactly: existing dates including leap years,
 * times without leap seconds, mail addresses in well-known domains. Other formats are annotations, as the standard
 * permits.
 */
final class StringForms {

    private static final String DATE = "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
            + "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
    private static final String TIME =
            "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?" + "(?:Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9])";
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String LABEL = "[A-Za-z0-9]{1,20}(?:-[A-Za-z0-9]{1,20})?";

    /** Validators check the top-level domain, so arbitrary letters are not sufficient. */
    private static final String TOP_LEVEL =
            "(?:com|org|net|edu|gov|info|biz|io|dev|app|eu|uk|us|ca|au|nz|de|at|ch|fr|it|es"
                    + "|pt|nl|be|se|no|fi|dk|is|ie|pl|cz|gr|tr|ru|ua|jp|cn|tw|kr|in|br|mx|ar|cl|za)";

    private static final Map<String, String> FORMATS = Map.of(
            "date", DATE,
            "time", TIME,
            "date-time", DATE + "T" + TIME,
            "duration",
                    "P(?:[0-9]{1,4}D|(?:[0-9]{1,4}D)?T(?:[0-9]{1,4}H(?:[0-9]{1,4}M(?:[0-9]{1,4}S)?)?"
                            + "|[0-9]{1,4}M(?:[0-9]{1,4}S)?|[0-9]{1,4}S))",
            "uuid", "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
            "email", "[A-Za-z0-9_+-]{1,32}(?:\\.[A-Za-z0-9_+-]{1,16})?@(?:" + LABEL + "\\.){1,2}" + TOP_LEVEL,
            "ipv4", BYTE + "(?:\\." + BYTE + "){3}");

    private StringForms() {}

    /** Whether nothing but the length of the content is restricted. */
    static boolean isFree(Schema schema) {
        String format = schema.string("format");
        return !schema.has("pattern") && (format == null || !FORMATS.containsKey(format));
    }

    /** The contents, in JSON spelling if {@code spelled}, as plain text otherwise. */
    static Automaton contents(Schema schema, boolean spelled) {
        String pattern = schema.string("pattern");
        String format = schema.string("format");
        Automaton automaton = null;
        if (pattern != null) {
            automaton = automaton(schema.at("pattern"), PatternLanguage.found(pattern), spelled);
        }
        if (format != null && FORMATS.containsKey(format)) {
            Automaton formed = automaton(schema.at("format"), PatternLanguage.whole(FORMATS.get(format)), spelled);
            automaton = automaton == null ? formed : automaton.intersect(formed);
        }
        if (automaton == null) {
            automaton = automaton(schema, Expression.anyNumberOf(Expression.oneOf(CodePoints.ALL)), spelled);
        }
        int min = schema.count("minLength", 0);
        int max = schema.count("maxLength", Expression.UNBOUNDED);
        if (min > 0 || max != Expression.UNBOUNDED) {
            try {
                automaton = ofLength(automaton, min, max, spelled);
            } catch (GrammarException e) {
                throw schema.refused(
                        "minLength and maxLength together with other keywords for the string are " + e.getMessage());
            }
        }
        return automaton;
    }

    private static Automaton automaton(Schema where, Expression content, boolean spelled) {
        try {
            return Nfa.automaton(spelled ? JsonRules.spelled(content) : content);
        } catch (GrammarException e) {
            throw where.refused("the pattern is " + e.getMessage());
        }
    }

    /**
     * A state of {@code automaton} with the number of characters before it, and what is missing from the current
     * character: bytes of UTF-8, or letters of an escape.
     */
    private record Counted(int state, int characters, int missing) {}

    private static final int AFTER_BACKSLASH = -1;

    private static Automaton ofLength(Automaton automaton, int min, int max, boolean spelled) {
        return Automaton.explore(
                new Counted(0, 0, 0),
                (at, b) -> {
                    int to = automaton.next(at.state, b);
                    return to < 0 ? null : counted(at, to, b, min, max, spelled);
                },
                at -> at.missing == 0 && at.characters >= min && automaton.accepts(at.state));
    }

    private static @Nullable Counted counted(Counted at, int to, int b, int min, int max, boolean spelled) {
        int missing;
        if (at.missing == AFTER_BACKSLASH) {
            missing = b == 'u' ? 4 : 0;
        } else if (at.missing > 0) {
            missing = at.missing - 1;
        } else if (spelled && b == '\\') {
            missing = AFTER_BACKSLASH;
        } else {
            missing = b < 0x80 ? 0 : b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
        }
        int characters = at.characters + (at.missing == 0 ? 1 : 0);
        if (characters > max) {
            return null;
        }
        return new Counted(to, max == Expression.UNBOUNDED ? Math.min(characters, min) : characters, missing);
    }
}
