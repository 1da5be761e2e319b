package kawi.schema;

import java.util.ArrayDeque;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of JSON Schema, compiled by {@code java.util.regex}. What that library would do without looking
 * at a character, and so without being counted by {@link Budget#counted}, is bounded before: groups within groups,
 * which it compiles recursively, and repetitions of repetitions of nothing.
 */
final class Patterns {

    private static final int MAX_GROUPS = 100;
    private static final long MAX_REPETITIONS = 50_000;

    private Patterns() {}

    /**
     * The pattern, in which a {@code $} at the end is the end of the text and not the line break before it.
     *
     * @throws PatternSyntaxException if it is not a regular expression, or one that takes too much work
     */
    static Pattern compile(String regex) {
        check(regex);
        boolean anchored = regex.endsWith("$") && !regex.endsWith("\\$");
        return Pattern.compile(anchored ? regex.substring(0, regex.length() - 1) + "\\z" : regex);
    }

    /** The least number of parts that a group consists of, and that the last of them does, repetitions multiplied. */
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

    /** The bracket that ends a class, or the end of the pattern. */
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

    /** The number at {@code from}, but at least 1. */
    private static long least(String regex, int from) {
        long number = 0;
        for (int i = from; i < regex.length() && Character.isDigit(regex.charAt(i)) && number <= MAX_REPETITIONS; i++) {
            number = 10 * number + Character.digit(regex.charAt(i), 10);
        }
        return Math.max(1, number);
    }
}
