package kawi.template;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** Filters for HTML, XML and URLs. */
final class WebFilters {

    private static final Pattern NOT_IN_ATTRIBUTE_NAME = Pattern.compile("[\\s/>=]");

    private WebFilters() {}

    static @Nullable Filter find(String name) {
        return switch (name) {
            case "forceescape" ->
                (value, arguments, budget) -> {
                    arguments.bind("forceescape", 0);
                    return Markup.forceEscape(value, budget);
                };
            case "striptags" -> WebFilters::stripTags;
            case "xmlattr" -> WebFilters::xmlAttributes;
            case "urlencode" -> WebFilters::urlEncode;
            default -> null;
        };
    }

    /** Removes comments and tags, collapses white space, and replaces character references. */
    private static Object stripTags(Object value, Arguments arguments, Budget budget) {
        arguments.bind("striptags", 0);
        var text = Display.text(value, budget);
        text = without(without(text, "<!--", "-->", budget), "<", ">", budget);
        budget.allocate(2L * text.length());
        var words = new OriginText.Builder();
        for (int start = CodePoints.skipWhitespace(text, 0); start < text.length(); ) {
            int end = start;
            while (end < text.length() && !CodePoints.isWhitespace(text.charAt(end))) {
                end++;
            }
            int next = CodePoints.skipWhitespace(text, end);
            words.append(text, start, end);
            if (next < text.length()) {
                words.appendOutside(" ");
            }
            start = next;
        }
        return words.build().map(CharacterReferences::replace);
    }

    /** Removes what is from {@code open} to {@code close}, from left to right. */
    private static OriginText without(OriginText whole, String open, String close, Budget budget) {
        var text = whole.toString();
        var rest = new OriginText.Builder();
        int done = 0;
        while (true) {
            int start = CodePoints.indexOf(text, open, done, budget);
            int end = start < 0 ? -1 : CodePoints.indexOf(text, close, start, budget);
            if (end < 0) {
                return rest.append(whole, done, text.length()).build();
            }
            budget.allocate(start - (long) done);
            rest.append(whole, done, start);
            done = end + close.length();
        }
    }

    private static Object xmlAttributes(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("xmlattr", 0, "autospace");
        if (!(value instanceof Dict dict)) {
            throw new EvaluationException("xmlattr: expected a dict, found " + Values.typeName(value));
        }
        var attributes = new OriginText.Builder();
        for (var entry : dict.entries()) {
            if (entry.value() == None.NONE || entry.value() instanceof Undefined) {
                continue;
            }
            if (!(entry.key() instanceof CharSequence name)) {
                throw new EvaluationException("xmlattr: expected a string as the name of an attribute, found "
                        + Values.typeName(entry.key()));
            }
            budget.scan(name.length());
            if (NOT_IN_ATTRIBUTE_NAME.matcher(name).find()) {
                throw new EvaluationException("xmlattr: the name of an attribute has an invalid character");
            }
            if (attributes.length() > 0 || Values.truth(bound.get(0, true))) {
                attributes.appendOutside(" ");
            }
            attributes
                    .append(Markup.escape(name, budget).text())
                    .appendOutside("=\"")
                    .append(Markup.escape(entry.value(), budget).text())
                    .appendOutside("\"");
        }
        return attributes.build();
    }

    private static Object urlEncode(Object value, Arguments arguments, Budget budget) {
        arguments.bind("urlencode", 0);
        if (value instanceof CharSequence || !Values.isIterable(value) || value instanceof Undefined) {
            return quoted(value, false, budget);
        }
        var pairs = value instanceof Dict dict ? new DictView(dict, DictView.Part.ITEMS) : value;
        var query = new OriginText.Builder();
        for (var pair : Values.list(pairs, budget)) {
            List<Object> keyAndValue = Values.list(pair, budget);
            if (keyAndValue.size() != 2) {
                throw new EvaluationException(
                        "urlencode: expected pairs, found a sequence of %d values".formatted(keyAndValue.size()));
            }
            if (query.length() > 0) {
                query.appendOutside("&");
            }
            query.append(quoted(keyAndValue.get(0), true, budget))
                    .appendOutside("=")
                    .append(quoted(keyAndValue.get(1), true, budget));
        }
        return query.build();
    }

    private static OriginText quoted(Object value, boolean query, Budget budget) {
        var text = Display.text(value, budget);
        budget.allocate(12L * text.length());
        return text.mapSpans(span -> quoted(span, query));
    }

    private static String quoted(String text, boolean query) {
        var quoted = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c == ' ' && query) {
                quoted.append('+');
            } else if ((c < 128 && Character.isLetterOrDigit(c)) || "_.-~".indexOf(c) >= 0 || (c == '/' && !query)) {
                quoted.append(c);
            } else {
                quoted.append("%%%02X".formatted((int) c));
            }
        }
        return quoted.toString();
    }
}
