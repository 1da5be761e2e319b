package kawi.constraint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

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
    static TextLanguage contents(Schema schema, boolean spelled) {
        String pattern = schema.string("pattern");
        String format = schema.string("format");
        List<TextLanguage> languages = new ArrayList<>();
        if (pattern != null) {
            languages.add(language(schema.at("pattern"), () -> PatternLanguage.found(pattern), spelled));
        }
        if (format != null && FORMATS.containsKey(format)) {
            String regex = FORMATS.get(format);
            languages.add(language(schema.at("format"), () -> PatternLanguage.matching(regex), spelled));
        }
        TextLanguage contents =
                languages.stream().reduce(TextLanguage::intersect).orElseGet(() -> TextLanguage.any(spelled));
        return contents.within(schema.count("minLength", 0), schema.count("maxLength", Expression.UNBOUNDED));
    }

    private static TextLanguage language(
            Schema where, Supplier<List<PatternLanguage.Language>> languages, boolean spelled) {
        try {
            return TextLanguage.of(languages.get(), spelled);
        } catch (GrammarException e) {
            boolean located = e.getMessage().startsWith("pattern ");
            throw where.refused(located ? e.getMessage() : "the pattern is " + e.getMessage());
        }
    }
}
