package kawi.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * A pattern as a nondeterministic automaton over characters, by Thompson's construction. The body of each lookaround is
 * a part of its own; a state that guards has the number of the lookaround that must hold there. Bodies have smaller
 * numbers than the parts around them.
 */
final class Program {

    private static final int MAX_STATES = 100_000;

    enum Kind {
        /** Consumes a character of a set. */
        CHARACTER,
        /** Goes on to each target without a character. */
        EMPTY,
        /** Goes on where a lookaround holds. */
        GUARD,
        BEGIN,
        END,
        /** The end of a part. */
        FINAL
    }

    /** A lookaround, or the whole pattern, which is the last part and looks behind. */
    record Part(boolean ahead, boolean negative, int start, int end) {}

    final Alphabet alphabet = new Alphabet();
    final List<Part> parts = new ArrayList<>();
    int states;

    Kind[] kinds = new Kind[64];

    /** The set of a character, or the part of a guard. */
    int[] arguments = new int[64];

    int[][] targets = new int[64][];

    /** The end of the part that a state belongs to. */
    int[] ends = new int[64];

    private final Steps steps;
    private final IdentityHashMap<Node.Look, Integer> looks = new IdentityHashMap<>();

    /** The end of the part under construction. */
    private int end;

    Program(Node node, Steps steps) {
        this.steps = steps;
        part(new Node.Look(false, false, node));
        alphabet.divide(steps);
    }

    /** The whole pattern. */
    int main() {
        return parts.size() - 1;
    }

    private int part(Node.Look look) {
        int outer = end;
        end = states;
        int last = add(Kind.FINAL, 0);
        int start = build(look.body(), last);
        parts.add(new Part(look.ahead(), look.negative(), start, last));
        end = outer;
        return parts.size() - 1;
    }

    private int add(Kind kind, int argument, int... to) {
        if (states == MAX_STATES) {
            throw new UnsupportedRegexException(
                    "too large: it takes more than %,d states to recognize it".formatted(MAX_STATES));
        }
        steps.spend(2);
        if (states == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * states);
            arguments = Arrays.copyOf(arguments, 2 * states);
            targets = Arrays.copyOf(targets, 2 * states);
            ends = Arrays.copyOf(ends, 2 * states);
        }
        kinds[states] = kind;
        arguments[states] = argument;
        targets[states] = to;
        ends[states] = end;
        return states++;
    }

    /** Adds states for {@code node} that go on at {@code to}, and returns the first. */
    private int build(Node node, int to) {
        steps.spend(1);
        return switch (node) {
            case Node.Characters(CodePoints set) -> add(Kind.CHARACTER, alphabet.add(set), to);
            case Node.Sequence(List<Node> parts) -> {
                int at = to;
                for (Node part : parts.reversed()) {
                    at = build(part, at);
                }
                yield at;
            }
            case Node.Choice(List<Node> options) -> {
                int[] starts =
                        options.stream().mapToInt(option -> build(option, to)).toArray();
                yield add(Kind.EMPTY, 0, starts);
            }
            case Node.Repetition(Node body, int min, int max) -> repetition(body, min, max, to);
            case Node.Begin _ -> add(Kind.BEGIN, 0, to);
            case Node.End _ -> add(Kind.END, 0, to);
            case Node.Look look -> {
                Integer known = looks.get(look);
                int part = known == null ? part(look) : known;
                looks.put(look, part);
                yield add(Kind.GUARD, part, to);
            }
        };
    }

    private int repetition(Node body, int min, int max, int to) {
        int at = to;
        if (max == Node.UNBOUNDED) {
            at = add(Kind.EMPTY, 0);
            int again = build(body, at); // may replace the arrays
            targets[at] = new int[] {again, to};
        } else {
            for (int i = min; i < max; i++) {
                at = add(Kind.EMPTY, 0, build(body, at), to);
            }
        }
        for (int i = 0; i < min; i++) {
            at = build(body, at);
        }
        return at;
    }
}
