package kawi.dialect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.reply.ReplyParser;
import org.jspecify.annotations.Nullable;

/**
 * A tag in the text of calls, in any of the spellings that models use: with attributes, quoted names, white space or
 * capitals, and end tags without their {@code >} at the end of a line.
 *
 * @param name the name of a function or parameter, of an end tag of another format, otherwise empty; null if the name
 *     of a function or parameter does not end with {@code >}
 * @param start the position of its first character
 * @param end the position after its last character
 * @param follows whether only white space is between the preceding tag and this one
 * @param beginsLine whether only spaces are before it on its line, or it directly follows such a tag or an end tag
 * @param endsLine whether only spaces are after it on its line, or it is directly followed by another tag
 */
record CallTag(
        Kind kind, @Nullable String name, int start, int end, boolean follows, boolean beginsLine, boolean endsLine) {

    enum Kind {
        CALL,
        FUNCTION,
        PARAMETER,
        CALL_END,
        FUNCTION_END,
        PARAMETER_END,
        /** An end tag that is not part of a call's syntax. */
        OTHER_END
    }

    private static final int MAX_LENGTH = 256;

    private static final Pattern NAME_ATTRIBUTE = Pattern.compile("\\s+name\\s*=\\s*(.+)", Pattern.DOTALL);
    private static final Pattern WITH_ATTRIBUTES = Pattern.compile("(\"[^\"]*\"|'[^']*'|\\S+)\\s+\\w+\\s*=.*");

    /** The beginnings of the names of end tags in other formats of calls. */
    private static final Pattern OTHER_FORMAT =
            Pattern.compile("(antml:)?(param|arg|func|tool|call|invo|action|value|input)[\\w.:-]*");

    /** Returns the tags of a text, in order. */
    static List<CallTag> of(String text) {
        List<CallTag> tags = new ArrayList<>();
        for (int at = text.indexOf('<'); at >= 0; ) {
            Optional<CallTag> tag = at(text, at, tags.isEmpty() ? null : tags.getLast());
            tag.ifPresent(tags::add);
            at = text.indexOf('<', tag.map(CallTag::end).orElse(at + 1));
        }
        for (int i = 0; i < tags.size(); i++) {
            CallTag tag = tags.get(i);
            int next = skipBlanks(text, tag.end);
            boolean ends = next == text.length()
                    || text.charAt(next) == '\n'
                    || text.startsWith("\r\n", next)
                    || (i + 1 < tags.size() && tags.get(i + 1).start == next);
            if (ends) {
                tags.set(i, new CallTag(tag.kind, tag.name, tag.start, tag.end, tag.follows, tag.beginsLine, true));
            }
        }
        return tags;
    }

    private static Optional<CallTag> at(String text, int at, @Nullable CallTag before) {
        if (text.startsWith(QwenTag.CALL.text, at)) {
            return tag(Kind.CALL, "", text, at, at + QwenTag.CALL.text.length(), before);
        }
        if (text.startsWith("<function", at)) {
            return named(Kind.FUNCTION, text, at, at + "<function".length(), before);
        }
        if (text.startsWith("<parameter", at)) {
            return named(Kind.PARAMETER, text, at, at + "<parameter".length(), before);
        }
        return text.startsWith("</", at) || text.startsWith("<|", at) ? endTag(text, at, before) : Optional.empty();
    }

    private static Optional<CallTag> named(Kind kind, String text, int at, int from, @Nullable CallTag before) {
        int close = close(text, from);
        boolean assigns = text.startsWith("=", from);
        if (close < 0) {
            return assigns ? tag(kind, null, text, at, from + 1, before) : Optional.empty();
        }
        String name = text.substring(from, close);
        Matcher attribute = NAME_ATTRIBUTE.matcher(name);
        if (assigns) {
            name = name.substring(1);
        } else if (attribute.matches()) {
            name = attribute.group(1);
        } else {
            return Optional.empty();
        }
        Matcher attributes = WITH_ATTRIBUTES.matcher(name.strip());
        name = unquoted(attributes.matches() ? attributes.group(1) : name.strip());
        return tag(kind, name, text, at, close + 1, before);
    }

    private static String unquoted(String name) {
        boolean quoted = name.length() > 1
                && (name.charAt(0) == '"' || name.charAt(0) == '\'')
                && name.charAt(0) == name.charAt(name.length() - 1);
        return quoted ? name.substring(1, name.length() - 1) : name;
    }

    private static Optional<CallTag> endTag(String text, int at, @Nullable CallTag before) {
        int from = skipBlanks(text, at + 2);
        int to = from;
        while (to < text.length() && isOfName(text.charAt(to))) {
            to++;
        }
        String name = text.substring(from, to).toLowerCase(Locale.ROOT);
        if (name.isEmpty() || !Character.isLetter(name.charAt(0))) {
            return Optional.empty();
        }
        if (text.startsWith("<|", at)) {
            return text.startsWith("|>", to) && name.endsWith("end")
                    ? tag(Kind.OTHER_END, name, text, at, to + 2, before)
                    : Optional.empty();
        }
        Kind kind = switch (name) {
            case "tool_call" -> Kind.CALL_END;
            case "function" -> Kind.FUNCTION_END;
            case "parameter" -> Kind.PARAMETER_END;
            default -> Kind.OTHER_END;
        };
        int close = close(text, to);
        if (close >= 0) {
            return tag(kind, name, text, at, close + 1, before);
        }
        int next = skipBlanks(text, to);
        boolean cut = next == text.length() || (text.charAt(next) != '<' && text.charAt(next) != '\n');
        return kind == Kind.OTHER_END || cut ? Optional.empty() : tag(kind, name, text, at, to, before);
    }

    private static boolean isOfName(char c) {
        return Character.isLetterOrDigit(c) || "_-.:".indexOf(c) >= 0;
    }

    /** The position of the {@code >} that closes a tag on the same line, or -1. */
    private static int close(String text, int from) {
        int limit = Math.min(text.length(), from + MAX_LENGTH + 2);
        for (int i = from; i < limit; i++) {
            char c = text.charAt(i);
            if (c == '>') {
                return i;
            }
            if (c == '\n' || c == '<') {
                return -1;
            }
        }
        return -1;
    }

    private static Optional<CallTag> tag(
            Kind kind, @Nullable String name, String text, int start, int end, @Nullable CallTag before) {
        int last = start - 1;
        while (last >= 0 && (text.charAt(last) == ' ' || text.charAt(last) == '\t')) {
            last--;
        }
        boolean line = last < 0 || text.charAt(last) == '\n';
        boolean begins = line || (before != null && last + 1 == before.end && (before.beginsLine || before.isEnd()));
        boolean follows = before != null && isSpace(text, before.end, start);
        return Optional.of(new CallTag(kind, name, start, end, follows, begins, false));
    }

    /** Whether a part of a text is white space. */
    static boolean isSpace(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!ReplyParser.isSpace(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    /** The reason why the name of this function or parameter is invalid, or null. */
    @Nullable String problemOfName() {
        String what = kind == Kind.FUNCTION ? "function" : "parameter";
        if (name == null) {
            return "the name of a " + what + " does not end with >";
        }
        if (name.isBlank()) {
            return "the name of a " + what + " is empty";
        }
        if (name.length() > MAX_LENGTH) {
            return "the name of a " + what + " is longer than " + MAX_LENGTH + " characters";
        }
        return kind == Kind.FUNCTION && !name.chars().allMatch(CallTag::isOfFunctionName)
                ? "the name of a function has a character that names do not have: " + name
                : null;
    }

    /** Whether the name of a function may contain a character. */
    static boolean isOfFunctionName(int c) {
        return Character.isLetterOrDigit(c) || Character.isSurrogate((char) c) || "_-.:/$".indexOf(c) >= 0;
    }

    /** Whether it is an end tag of a call's syntax. */
    boolean isEnd() {
        return kind == Kind.CALL_END || kind == Kind.FUNCTION_END || kind == Kind.PARAMETER_END;
    }

    /** Whether it ends a function, also with the name of the function in place of the usual one. */
    boolean endsFunction(String function) {
        return kind == Kind.FUNCTION_END
                || kind == Kind.CALL_END
                || (kind == Kind.OTHER_END && function.toLowerCase(Locale.ROOT).equals(name));
    }

    /** Whether it is an end tag of another format of calls. */
    boolean isOfOtherFormat() {
        return kind == Kind.OTHER_END
                && name != null
                && OTHER_FORMAT.matcher(name).matches();
    }

    /** Whether it ends what {@code opening} begins. */
    boolean ends(CallTag opening) {
        return switch (opening.kind) {
            case CALL -> kind == Kind.CALL_END;
            case FUNCTION -> kind == Kind.FUNCTION_END;
            case PARAMETER -> kind == Kind.PARAMETER_END;
            default -> false;
        };
    }
}
