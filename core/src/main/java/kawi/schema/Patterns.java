package kawi.schema;

import java.util.ArrayDeque;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of JSON Schema, compiled by {@code java.util.regex}. Work that the library does without accessing
 * a character, and which {@link Budget#counted} therefore does not count, is limited in advance: nested groups, which
 * it compiles recursively, and nested repetitions of the empty string.
 */
final class Patterns {

    private static final int MAX_GROUPS = 100;
    private static final long MAX_REPETITIONS = 50_000;

    private Patterns() {}

    /**
     * Compiles a pattern, in which a {@code $} at the end matches only at the end of the text, not before a final line
     * break.
     *
     * @throws PatternSyntaxException if it is not a regular expression, or exceeds a limit
     */
    static Pattern compile(String regex) {
        check(regex);
        boolean anchored = regex.endsWith("$") && !regex.endsWith("\\$");
        return Pattern.compile(anchored ? regex.substring(0, regex.length() - 1) + "\\z" : regex);
    }

    /** Lower bounds of the number of parts of a group, and of its last part, multiplied by repetitions. */
    private static final class Group {
        long parts;
        long last;

        void add(long count) {
            parts += count;
            last = count;
        }

        void repeat(long times) {
            parts += last * (times - 1);
            last *= times;
        }
    }

    private static void check(String regex) {
        var groups = new ArrayDeque<Group>();
        var group = new Group();
        for (int i = 0; i < regex.length(); i++) {
            switch (regex.charAt(i)) {
                case '\\' -> {
                    i++;
                    group.add(1);
                }
                case '[' -> {
                    i = endOfClass(regex, i);
                    group.add(1);
                }
                case '(' -> {
                    groups.push(group);
                    group = new Group();
                }
                case ')' -> {
                    var outer = groups.isEmpty() ? new Group() : groups.pop();
                    outer.add(Math.max(1, group.parts));
                    group = outer;
                }
                case '{' -> group.repeat(least(regex, i + 1));
                case '*', '+', '?', '}', ',' -> {}
                default -> group.add(1);
            }
            if (groups.size() > MAX_GROUPS) {
                throw new PatternSyntaxException("groups are nested more than %d deep".formatted(MAX_GROUPS), regex, i);
            }
            if (group.parts > MAX_REPETITIONS) {
                throw new PatternSyntaxException(
                        "its repetitions come to more than %,d parts".formatted(MAX_REPETITIONS), regex, i);
            }
        }
    }

    /** The bracket that closes a class, or the end of the pattern. */
    private static int endOfClass(String regex, int open) {
        int depth = 0;
        int i = open;
        for (; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '[') {
                if (++depth > MAX_GROUPS) {
                    throw new PatternSyntaxException(
                            "classes are nested more than %d deep".formatted(MAX_GROUPS), regex, i);
                }
            } else if (c == ']' && i > open + 1 && --depth == 0) {
                return i;
            }
        }
        return i;
    }

    /** The number at {@code from}, or 1 if that is greater. */
    private static long least(String regex, int from) {
        long number = 0;
        for (int i = from; i < regex.length() && Character.isDigit(regex.charAt(i)) && number <= MAX_REPETITIONS; i++) {
            number = 10 * number + Character.digit(regex.charAt(i), 10);
        }
        return Math.max(1, number);
    }
}
