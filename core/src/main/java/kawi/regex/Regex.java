package kawi.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A regular expression of ECMA-262 in Unicode mode. Immutable and safe for use by multiple threads. */
public final class Regex {

    private static final int MAX_STATES = 12_000;

    private final Node node;
    private @Nullable Program program;

    private Regex(Node node) {
        this.node = node;
    }

    /**
     * Parses a pattern.
     *
     * @throws UnsupportedRegexException if it has a backreference or something else that is not supported
     * @throws RegexException if it is not a regular expression
     */
    public static Regex parse(String pattern, Steps steps) {
        return new Regex(RegexParser.parse(pattern, steps));
    }

    /** The pattern that {@code node} describes. */
    public static Regex of(Node node) {
        return new Regex(node);
    }

    /** The parsed pattern. */
    public Node node() {
        return node;
    }

    /**
     * Whether {@code text} contains a match, which JSON Schema means by {@code pattern}. The time is proportional to
     * the length of the text, however often parts of the pattern repeat or overlap, for a given pattern.
     *
     * @throws UnsupportedRegexException if the pattern is too complex to decide that
     */
    public boolean isFoundIn(String text, Steps steps) {
        var machine = new StateMachine(program(steps), steps);
        Alphabet alphabet = program(steps).alphabet;
        int state = machine.start();
        for (int i = 0; i < text.length() && state != StateMachine.FOUND; ) {
            steps.spend(1);
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            state = machine.next(state, alphabet.classOf(c));
            if (machine.isLarge()) {
                state = machine.restart(state);
            }
        }
        return machine.accepts(state);
    }

    private synchronized Program program(Steps steps) {
        Program known = program;
        if (known == null) {
            known = new Program(node, steps);
            program = known;
        }
        return known;
    }

    /**
     * A deterministic automaton over characters. State 0 is the initial state.
     *
     * @param moves for each state, the characters that lead to other states
     */
    public record Automaton(List<Map<Integer, CodePoints>> moves, List<Boolean> accepts) {}

    /**
     * The smallest automaton of the texts that contain a match.
     *
     * @throws UnsupportedRegexException if it has too many states
     */
    public Automaton automaton(Steps steps) {
        Alphabet alphabet = program(steps).alphabet;
        var machine = new StateMachine(program(steps), steps);
        var numbers = new HashMap<Integer, Integer>();
        List<Integer> found = new ArrayList<>();
        found.add(machine.start());
        numbers.put(machine.start(), 0);
        List<int[]> table = new ArrayList<>();
        for (int from = 0; from < found.size(); from++) {
            int[] row = new int[alphabet.size()];
            for (int c = 0; c < row.length; c++) {
                int to = machine.next(found.get(from), c);
                if (numbers.putIfAbsent(to, found.size()) == null) {
                    found.add(to);
                }
                row[c] = numbers.get(to);
            }
            table.add(row);
            if (found.size() > MAX_STATES || machine.isLarge()) {
                throw new UnsupportedRegexException(
                        "too complex: it takes more than %,d states to recognize it".formatted(MAX_STATES));
            }
        }
        int[] blocks =
                found.stream().mapToInt(state -> machine.accepts(state) ? 1 : 0).toArray();
        return smallest(alphabet, table, blocks, steps);
    }

    /**
     * Merges states that no text distinguishes, by refining blocks of states until all states of a block lead to the
     * same blocks.
     *
     * @param accepts 1 for states that accept, 0 for others
     */
    private static Automaton smallest(Alphabet alphabet, List<int[]> table, int[] accepts, Steps steps) {
        int[] blocks = accepts;
        var distinct = new LinkedHashMap<List<Integer>, Integer>();
        for (int count = 0; count < distinct.size() || count == 0; ) {
            count = distinct.size();
            distinct.clear();
            int[] finer = new int[blocks.length];
            for (int s = 0; s < blocks.length; s++) {
                steps.spend(4L + table.get(s).length);
                int[] before = blocks;
                List<Integer> kind = Stream.concat(
                                Stream.of(blocks[s]),
                                Arrays.stream(table.get(s)).mapToObj(to -> before[to]))
                        .toList();
                finer[s] = distinct.computeIfAbsent(kind, _ -> distinct.size());
            }
            blocks = finer;
        }
        List<Map<Integer, CodePoints>> moves = new ArrayList<>();
        List<Boolean> accepting = new ArrayList<>();
        for (int s = 0; s < blocks.length; s++) {
            if (blocks[s] < moves.size()) {
                continue;
            }
            var classes = new LinkedHashMap<Integer, BitSet>();
            for (int c = 0; c < table.get(s).length; c++) {
                classes.computeIfAbsent(blocks[table.get(s)[c]], _ -> new BitSet())
                        .set(c);
            }
            var sets = new LinkedHashMap<Integer, CodePoints>();
            classes.forEach((to, some) -> {
                CodePoints members = alphabet.members(some);
                steps.spend(4L + 2L * members.ranges());
                sets.put(to, members);
            });
            moves.add(sets);
            accepting.add(accepts[s] == 1);
        }
        return new Automaton(moves, accepting);
    }
}
