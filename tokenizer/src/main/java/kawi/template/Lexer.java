package kawi.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Converts a template to tokens. Text between tags is data. The whitespace around tags is removed as follows:
 *
 * <ul>
 *   <li>a tag that starts with {@code -} removes all whitespace before it, and a tag that ends with {@code -} all
 *     whitespace after it;
 *   <li>a block tag or comment that is the first on its line removes the whitespace before it on that line
 *     ({@code lstrip_blocks}), unless it starts with {@code +};
 *   <li>a block tag or comment removes a newline that follows immediately ({@code trim_blocks}), unless it ends with
 *     {@code +};
 *   <li><code>{{ }}</code> removes whitespace only with {@code -}.
 * </ul>
 *
 * <p>Inside a tag, the end delimiter is recognized only if all brackets are closed, so that an expression can end with
 * a dict.
 */
final class Lexer {

    private static final List<String> LONG_OPERATORS = List.of("**", "//", "==", "!=", ">=", "<=");
    private static final String SHORT_OPERATORS = "+-*/%~[](){}<>=.:|,;";

    private final Source source;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    /** Whether {@link #position} is at the start of a line. */
    private boolean atLineStart = true;

    private Lexer(Source source) {
        this.source = source;
        text = source.text();
    }

    /** Returns all tokens of a template; the last one is {@link Token.Kind#END}. */
    static List<Token> tokens(Source source) {
        var lexer = new Lexer(source);
        while (lexer.position < lexer.text.length()) {
            lexer.dataAndTag();
        }
        lexer.add(Token.Kind.END, lexer.position, "");
        return lexer.tokens;
    }

    private void add(Token.Kind kind, int at, String content) {
        tokens.add(new Token(kind, at, content));
    }

    private void dataAndTag() {
        int open = nextOpening();
        if (open < 0) {
            addData(text.substring(position));
            position = text.length();
            return;
        }
        char mark = text.charAt(open + 1);
        int inside = open + 2;
        char sign = inside < text.length() ? text.charAt(inside) : ' ';
        if (sign == '-' || sign == '+') {
            inside++;
        }
        addData(beforeTag(text.substring(position, open), sign, mark != '{'));
        switch (mark) {
            case '{' -> {
                add(Token.Kind.VARIABLE_BEGIN, open, "");
                position = inside;
                code(false);
            }
            case '#' -> comment(open, inside);
            default -> {
                int raw = afterRawTag(inside);
                if (raw >= 0) {
                    atLineStart = text.charAt(raw - 1) == '\n';
                    position = raw;
                    raw(open);
                } else {
                    add(Token.Kind.BLOCK_BEGIN, open, "");
                    position = inside;
                    code(true);
                }
            }
        }
    }

    private int nextOpening() {
        for (int i = text.indexOf('{', position); i >= 0 && i + 1 < text.length(); i = text.indexOf('{', i + 1)) {
            if ("%{#".indexOf(text.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void addData(String data) {
        if (!data.isEmpty()) {
            add(Token.Kind.DATA, position, data);
        }
    }

    /** Returns the data before a tag, without the whitespace that the tag removes. */
    private String beforeTag(String data, char sign, boolean stripsLineStart) {
        if (sign == '-') {
            return CodePoints.stripTrailingWhitespace(data);
        }
        if (sign != '+' && stripsLineStart) {
            int line = data.lastIndexOf('\n') + 1;
            boolean ownLine = line > 0 || atLineStart;
            if (ownLine && CodePoints.skipWhitespace(data, line) == data.length()) {
                return data.substring(0, line);
            }
        }
        return data;
    }

    /** Moves the position to {@code end}, the offset after a tag, and past the whitespace that the tag removes. */
    private void leaveTag(int end, boolean stripsAll, boolean stripsNewline) {
        int after = end;
        if (stripsAll) {
            after = CodePoints.skipWhitespace(text, end);
        } else if (stripsNewline && text.startsWith("\n", end)) {
            after++;
        }
        position = after;
        atLineStart = text.charAt(after - 1) == '\n';
    }

    private void comment(int open, int inside) {
        int end = text.indexOf("#}", inside);
        if (end < 0) {
            throw source.error(open, "the comment is not closed by '#}'");
        }
        char sign = end > inside ? text.charAt(end - 1) : ' ';
        leaveTag(end + 2, sign == '-', sign != '+');
    }

    /** Returns the offset after {@code raw %}} if that is the text at {@code inside}, or -1. */
    private int afterRawTag(int inside) {
        int word = CodePoints.skipWhitespace(text, inside);
        if (!text.startsWith("raw", word)) {
            return -1;
        }
        int end = CodePoints.skipWhitespace(text, word + 3);
        if (text.startsWith("-%}", end)) {
            return CodePoints.skipWhitespace(text, end + 3);
        }
        return text.startsWith("%}", end) ? end + 2 : -1;
    }

    private void raw(int open) {
        for (int tag = text.indexOf("{%", position); tag >= 0; tag = text.indexOf("{%", tag + 1)) {
            int inside = tag + 2;
            char sign = inside < text.length() ? text.charAt(inside) : ' ';
            if (sign == '-' || sign == '+') {
                inside++;
            }
            int word = CodePoints.skipWhitespace(text, inside);
            if (!text.startsWith("endraw", word)) {
                continue;
            }
            int end = CodePoints.skipWhitespace(text, word + 6);
            boolean signed = text.startsWith("-%}", end) || text.startsWith("+%}", end);
            if (signed || text.startsWith("%}", end)) {
                addData(beforeTag(text.substring(position, tag), sign, true));
                leaveTag(end + (signed ? 3 : 2), text.charAt(end) == '-', text.charAt(end) == '%');
                return;
            }
        }
        throw source.error(open, "the raw block is not closed by '{% endraw %}'");
    }

    private void code(boolean block) {
        Deque<Character> brackets = new ArrayDeque<>();
        while (true) {
            position = CodePoints.skipWhitespace(text, position);
            if (position >= text.length()) {
                return; // the parser reports the error
            }
            if (brackets.isEmpty() && endsCode(block)) {
                return;
            }
            char c = text.charAt(position);
            int codePoint = text.codePointAt(position);
            if (c >= '0' && c <= '9') {
                number();
            } else if (codePoint == '_' || Character.isUnicodeIdentifierStart(codePoint)) {
                name();
            } else if (c == '"' || c == '\'') {
                int end = StringLiteral.end(source, position);
                add(Token.Kind.STRING, position, StringLiteral.value(source, position, end));
                position = end;
            } else {
                operator(brackets);
            }
        }
    }

    private boolean endsCode(boolean block) {
        var mark = block ? "%}" : "}}";
        boolean signed = text.startsWith("-" + mark, position) || (block && text.startsWith("+" + mark, position));
        if (!signed && !text.startsWith(mark, position)) {
            return false;
        }
        add(block ? Token.Kind.BLOCK_END : Token.Kind.VARIABLE_END, position, "");
        char sign = signed ? text.charAt(position) : ' ';
        leaveTag(position + (signed ? 3 : 2), sign == '-', block && sign != '+');
        return true;
    }

    private void name() {
        int start = position;
        while (position < text.length()) {
            int c = text.codePointAt(position);
            if (c != '_' && (!Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c))) {
                break;
            }
            position += Character.charCount(c);
        }
        add(Token.Kind.NAME, start, text.substring(start, position));
    }

    private void number() {
        int start = position;
        boolean afterDot = start > 0 && text.charAt(start - 1) == '.';
        int end = afterDot ? -1 : floatEnd(start);
        if (end < 0) {
            position = integerEnd(start);
            add(Token.Kind.INTEGER, start, text.substring(start, position));
        } else {
            position = end;
            add(Token.Kind.FLOAT, start, text.substring(start, position).replace("_", ""));
        }
    }

    /**
     * Returns the end of a sequence of digits, with single underscores between them, at {@code start}; {@code start} if
     * there are none.
     */
    private int digitsEnd(int start, String digits) {
        int end = start;
        while (end < text.length()) {
            char c = Character.toLowerCase(text.charAt(end));
            boolean separator = c == '_' && end > start && text.charAt(end - 1) != '_';
            if (!separator && digits.indexOf(c) < 0) {
                break;
            }
            end++;
        }
        return end > start && text.charAt(end - 1) == '_' ? end - 1 : end;
    }

    private int floatEnd(int start) {
        int end = digitsEnd(start, "0123456789");
        boolean fraction = false;
        if (end + 1 < text.length() && text.charAt(end) == '.') {
            int fractionEnd = digitsEnd(end + 1, "0123456789");
            fraction = fractionEnd > end + 1;
            end = fraction ? fractionEnd : end;
        }
        if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
            int sign = end + 1 < text.length() && "+-".indexOf(text.charAt(end + 1)) >= 0 ? 1 : 0;
            int exponentEnd = digitsEnd(end + 1 + sign, "0123456789");
            if (exponentEnd > end + 1 + sign) {
                return exponentEnd;
            }
        }
        return fraction ? end : -1;
    }

    private int integerEnd(int start) {
        if (text.charAt(start) != '0') {
            return digitsEnd(start, "0123456789");
        }
        var digits = start + 1 < text.length()
                ? switch (Character.toLowerCase(text.charAt(start + 1))) {
                    case 'b' -> "01";
                    case 'o' -> "01234567";
                    case 'x' -> "0123456789abcdef";
                    default -> "";
                }
                : "";
        int first = start + 2;
        int prefixed = first < text.length() && text.charAt(first) == '_' ? first + 1 : first;
        int end = digits.isEmpty() ? prefixed : digitsEnd(prefixed, digits);
        return end > prefixed ? end : digitsEnd(start, "0");
    }

    private void operator(Deque<Character> brackets) {
        for (var operator : LONG_OPERATORS) {
            if (text.startsWith(operator, position)) {
                add(Token.Kind.OPERATOR, position, operator);
                position += 2;
                return;
            }
        }
        char c = text.charAt(position);
        if (SHORT_OPERATORS.indexOf(c) < 0) {
            throw source.error(
                    position, "unexpected character '" + Character.toString(text.codePointAt(position)) + "'");
        }
        switch (c) {
            case '(' -> brackets.push(')');
            case '[' -> brackets.push(']');
            case '{' -> brackets.push('}');
            case ')', ']', '}' -> {
                if (brackets.isEmpty()) {
                    throw source.error(position, "unexpected '" + c + "'");
                }
                char expected = brackets.pop();
                if (c != expected) {
                    throw source.error(position, "unexpected '%c', expected '%c'".formatted(c, expected));
                }
            }
            default -> {}
        }
        add(Token.Kind.OPERATOR, position, String.valueOf(c));
        position++;
    }
}
