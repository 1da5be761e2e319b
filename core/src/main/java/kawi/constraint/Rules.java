package kawi.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a grammar under construction. Rules are declared first and defined later, so that they can call each
 * other and themselves.
 */
final class Rules {

    private static final int MAX_STATES = 40_000;
    private static final int MAX_RULES = 10_000;

    /** @param marker the text of a rule that is one added token if the vocabulary has it */
    private record Rule(
            Automaton automaton,
            @Nullable Loop loop,
            @Nullable Lengths lengths,
            @Nullable String marker) {}

    private final List<@Nullable Rule> rules = new ArrayList<>();
    private int states;

    /** Declares a rule and returns its number. */
    int declare() {
        if (rules.size() == MAX_RULES) {
            throw new GrammarException("too large: more than %,d rules".formatted(MAX_RULES));
        }
        rules.add(null);
        return rules.size() - 1;
    }

    void define(int rule, Expression expression) {
        define(rule, new Rule(Nfa.automaton(expression), null, null, null));
    }

    /** A rule that counts its rounds; see {@link Loop}. */
    void define(int rule, Automaton automaton, Loop loop) {
        define(rule, new Rule(automaton, loop, null, null));
    }

    int add(Automaton automaton) {
        int rule = declare();
        define(rule, new Rule(automaton, null, null, null));
        return rule;
    }

    /** A rule that makes no calls and counts its characters, unless any number is possible. */
    int add(Automaton automaton, Lengths lengths) {
        int rule = declare();
        define(rule, new Rule(automaton, null, lengths.areFree() ? null : lengths, null));
        return rule;
    }

    /** A rule for {@code text}: only the added token of that text if there is one, ordinary tokens otherwise. */
    void defineMarker(int rule, String text) {
        define(rule, new Rule(Nfa.automaton(Expression.text(text)), null, null, text));
    }

    private void define(int number, Rule rule) {
        states += rule.automaton.states();
        if (states > MAX_STATES) {
            throw new GrammarException("too large: it takes more than %,d states in all".formatted(MAX_STATES));
        }
        rules.set(number, rule);
    }

    int add(Expression expression) {
        int rule = declare();
        define(rule, expression);
        return rule;
    }

    /** The grammar with the initial rule {@code start}; all declared rules are defined. */
    Grammar grammar(int start) {
        Budget.current().spend(60L * states);
        BitSet used = reachable(start);
        int[] first = new int[rules.size()];
        int total = 0;
        for (int r = used.nextSetBit(0); r >= 0; r = used.nextSetBit(r + 1)) {
            first[r] = total;
            total += rule(r).automaton.states();
        }
        byte[] classOf = new byte[Automaton.BYTES];
        int classes = byteClasses(classOf, used);
        var grammar = new Grammar(classOf, classes, total, first[start]);
        for (int r = used.nextSetBit(0); r >= 0; r = used.nextSetBit(r + 1)) {
            copy(rule(r), first, r, grammar);
        }
        grammar.check();
        return grammar;
    }

    /** The rules that an answer may need. Others belong to alternatives that turned out to be contradictions. */
    private BitSet reachable(int start) {
        var reached = new BitSet();
        var pending = new ArrayDeque<Integer>();
        reached.set(start);
        pending.add(start);
        while (!pending.isEmpty()) {
            Automaton automaton = rule(pending.poll()).automaton;
            for (int s = 0; s < automaton.states(); s++) {
                int[] calls = automaton.calls(s);
                for (int i = 0; i < calls.length; i += 2) {
                    if (!reached.get(calls[i])) {
                        reached.set(calls[i]);
                        pending.add(calls[i]);
                    }
                }
            }
        }
        return reached;
    }

    private Rule rule(int number) {
        Rule rule = rules.get(number);
        if (rule == null) {
            throw new IllegalStateException("rule " + number + " was declared and never defined");
        }
        return rule;
    }

    private static void copy(Rule rule, int[] first, int number, Grammar grammar) {
        int base = first[number];
        Automaton automaton = rule.automaton;
        for (int s = 0; s < automaton.states(); s++) {
            grammar.accepts[base + s] = automaton.accepts(s);
            for (int b = 0; b < Automaton.BYTES; b++) {
                int to = automaton.next(s, b);
                grammar.next[(base + s) * grammar.classes + grammar.classOf(b)] = to < 0 ? to : base + to;
            }
            int[] calls = automaton.calls(s).clone();
            for (int i = 0; i < calls.length; i += 2) {
                calls[i] = first[calls[i]];
                calls[i + 1] += base;
            }
            grammar.calls[base + s] = calls;
            if (rule.loop != null) {
                grammar.loops[base + s] = rule.loop;
                int closed = rule.loop.isOpen() ? s : automaton.next(s, rule.loop.close());
                grammar.points[base + s] = closed >= 0 && automaton.accepts(closed);
            }
        }
        if (rule.loop != null) {
            grammar.points[base] = false;
        }
        if (rule.lengths != null) {
            Arrays.fill(grammar.lengths, base, base + automaton.states(), rule.lengths);
            System.arraycopy(rule.lengths.missing(automaton), 0, grammar.missing, base, automaton.states());
        }
        grammar.firsts[base] = true;
        grammar.markers[base] = rule.marker;
    }

    /** Bytes that no state distinguishes share a column of the table. */
    private int byteClasses(byte[] classOf, BitSet used) {
        int[] numbers = new int[Automaton.BYTES];
        int classes = 1;
        for (Rule rule : used.stream().mapToObj(this::rule).toList()) {
            if (rule.loop != null && !rule.loop.isOpen()) {
                classes = split(numbers, closing(rule.loop.close()));
            }
            for (int s = 0; s < rule.automaton.states(); s++) {
                Automaton automaton = rule.automaton;
                int state = s;
                int[] row = new int[Automaton.BYTES];
                Arrays.setAll(row, b -> automaton.next(state, b));
                classes = split(numbers, row);
            }
        }
        for (int b = 0; b < Automaton.BYTES; b++) {
            classOf[b] = (byte) numbers[b];
        }
        return classes;
    }

    private static int[] closing(int close) {
        int[] row = new int[Automaton.BYTES];
        row[close] = 1;
        return row;
    }

    /**
     * Refines the numbering of bytes so that bytes with different values in {@code row} differ; most rows change
     * nothing.
     */
    private static int split(int[] numbers, int[] row) {
        int[] values = new int[numbers.length];
        boolean[] seen = new boolean[numbers.length];
        boolean differ = false;
        int classes = 0;
        for (int b = 0; b < numbers.length; b++) {
            int number = numbers[b];
            differ |= seen[number] && values[number] != row[b];
            seen[number] = true;
            values[number] = row[b];
            classes = Math.max(classes, number + 1);
        }
        if (!differ) {
            return classes;
        }
        Map<Long, Integer> fresh = new HashMap<>();
        for (int b = 0; b < numbers.length; b++) {
            long key = (long) numbers[b] << 32 | (row[b] & 0xFFFFFFFFL);
            Integer number = fresh.get(key);
            if (number == null) {
                number = fresh.size();
                fresh.put(key, number);
            }
            numbers[b] = number;
        }
        return fresh.size();
    }
}
