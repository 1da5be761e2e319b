package kawi.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The number of bytes from each state of a rule with {@link Lengths} to its end, by the number of characters before.
 *
 * <p>With c(n, s) for state s after n characters, and s' for the state after a byte,
 *
 * <pre>
 *     c(n, s) = 0                     if s is final and the bounds contain n
 *             = min 1 + c(n + 1, s')  if the byte begins a character
 *             = min 1 + c(n, s')      if it continues one
 * </pre>
 *
 * so a row follows from the next, beginning with that of the upper bound. From the upper bound down to the lower one,
 * rows decrease until they are equal, because each has all ends of the next and a character more. Below the lower bound
 * they become periodic, up to a constant number of bytes for each period. Only the rows before that are stored, so
 * neither the bounds nor their difference matter for time and memory.
 */
final class LengthCosts {

    private static final int MAX_CELLS = 3_000_000;

    private final Lengths lengths;
    private final int from;
    private final byte[] missing;
    private final boolean[] accepts;

    /** The states after each state, without repetitions. */
    private final int[][] targets;

    private final int[] order;
    private final Budget budget = Budget.current();
    private final long edges;
    private long cells;

    /** Rows of the counts max, max - 1, and so on; the last is that of all further counts from min on. */
    private final List<int[]> upper = new ArrayList<>();

    /** Rows of the counts min - 1, min - 2, and so on; the last {@code period} rows repeat. */
    private final List<int[]> lower = new ArrayList<>();

    private int period;
    private int perPeriod;

    /**
     * The costs in a grammar.
     *
     * @param possible for each class of bytes, whether its bytes can be written
     */
    static LengthCosts of(Grammar grammar, Lengths lengths, int from, int to, boolean[] possible) {
        Budget.current().spend((long) (to - from) * grammar.classes / 2);
        int[][] targets = new int[to - from][];
        for (int s = from; s < to; s++) {
            int row = s * grammar.classes;
            targets[s - from] = IntStream.range(0, grammar.classes)
                    .filter(c -> possible[c])
                    .map(c -> grammar.next[row + c])
                    .filter(target -> target >= 0)
                    .map(target -> target - from)
                    .distinct()
                    .toArray();
        }
        return new LengthCosts(
                lengths,
                from,
                targets,
                Arrays.copyOfRange(grammar.missing, from, to),
                Arrays.copyOfRange(grammar.accepts, from, to));
    }

    /** Whether no text of {@code automaton} has one of {@code lengths}. */
    static boolean excludeAll(Automaton automaton, Lengths lengths) {
        int states = automaton.states();
        Budget.current().spend((long) states * Automaton.BYTES / 2);
        int[][] targets = new int[states][];
        boolean[] accepts = new boolean[states];
        for (int s = 0; s < states; s++) {
            int state = s;
            targets[s] = IntStream.range(0, Automaton.BYTES)
                    .map(b -> automaton.next(state, b))
                    .filter(target -> target >= 0)
                    .distinct()
                    .toArray();
            accepts[s] = automaton.accepts(s);
        }
        return new LengthCosts(lengths, 0, targets, lengths.missing(automaton), accepts).cost(0, 0) >= Distances.NEVER;
    }

    private LengthCosts(Lengths lengths, int from, int[][] targets, byte[] missing, boolean[] accepts) {
        this.lengths = lengths;
        this.from = from;
        this.targets = targets;
        this.missing = missing;
        this.accepts = accepts;
        long sum = 0;
        for (int[] after : targets) {
            sum += 2 + after.length;
        }
        edges = sum;
        order = IntStream.range(0, targets.length)
                .boxed()
                .sorted(Comparator.comparingInt(s -> missing[s]))
                .mapToInt(Integer::intValue)
                .toArray();
        fillUpper();
        fillLower();
    }

    private void fillUpper() {
        int[] never = new int[order.length];
        Arrays.fill(never, Distances.NEVER);
        int[] row = row(never, true);
        boolean bounded = lengths.max() != Expression.UNBOUNDED;
        int count = lengths.max();
        upper.add(row);
        while (count > lengths.min()) {
            int[] before = row(row, true);
            if (Arrays.equals(before, row)) {
                return;
            }
            row = before;
            count -= bounded ? 1 : 0;
            if (!bounded) {
                upper.clear();
            }
            upper.add(row);
        }
    }

    private void fillLower() {
        Map<List<Integer>, Integer> seen = new HashMap<>();
        int[] row = upper.getLast();
        for (int count = lengths.min() - 1; count >= 0; count--) {
            row = row(row, false);
            int least = Arrays.stream(row).min().orElse(0);
            List<Integer> shape = Arrays.stream(row)
                    .mapToObj(cost -> cost >= Distances.NEVER ? Distances.NEVER : cost - least)
                    .toList();
            Integer alike = seen.putIfAbsent(shape, lower.size());
            if (alike != null) {
                period = lower.size() - alike;
                perPeriod = least >= Distances.NEVER ? 0 : least - least(lower.get(alike));
                return;
            }
            lower.add(row);
        }
    }

    private static int least(int[] row) {
        return Arrays.stream(row).min().orElse(0);
    }

    /** The row before {@code next}, whose counts may end if {@code ending}. */
    private int[] row(int[] next, boolean ending) {
        budget.spend(4 + edges / 4);
        cells += order.length;
        if (cells > MAX_CELLS) {
            throw new GrammarException("too complex: the possible lengths of its texts do not repeat soon enough");
        }
        int[] row = new int[order.length];
        for (int s : order) {
            if (ending && accepts[s]) {
                continue;
            }
            int best = Distances.NEVER;
            int[] after = missing[s] == 0 ? next : row;
            for (int target : targets[s]) {
                best = Math.min(best, 1 + after[target]);
            }
            row[s] = best;
        }
        return row;
    }

    /** The bytes from {@code state} after {@code count} characters to the end, or {@link Distances#NEVER}. */
    int cost(int state, int count) {
        int s = state - from;
        if (count > lengths.max()) {
            return Distances.NEVER;
        }
        if (count >= lengths.min()) {
            return upper.get((int) Math.min((long) lengths.max() - count, upper.size() - 1))[s];
        }
        int row = lengths.min() - 1 - count;
        int rounds = row < lower.size() ? 0 : (row - lower.size()) / period + 1;
        int cost = lower.get(row - rounds * period)[s];
        return (int) Math.min(cost + (long) rounds * perPeriod, Distances.NEVER);
    }

    /** Whether a text that is not complete at {@code state} after {@code count} characters can be completed. */
    boolean goesOn(int state, int count) {
        int after = lengths.normalized(missing[state - from] == 0 ? count + 1 : count);
        return Arrays.stream(targets[state - from]).anyMatch(to -> cost(from + to, after) < Distances.NEVER);
    }

    /** Whether at the lower bound the upper one is out of the reach of {@code reach} characters. */
    boolean hasRoom(int reach) {
        return (long) lengths.max() - lengths.min() - reach >= upper.size() - 1;
    }

    /** A count from which the same texts of at most {@code reach} characters are possible as from {@code count}. */
    int representative(int count, int reach) {
        if (count >= lengths.min()) {
            boolean far = (long) lengths.max() - count - reach >= upper.size() - 1;
            return far ? lengths.min() : count;
        }
        int row = lengths.min() - 1 - count;
        return period > 0 && row - reach >= lower.size() - period ? count % period : count;
    }
}
