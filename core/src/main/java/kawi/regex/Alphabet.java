package kawi.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The characters that a pattern does not distinguish, as numbered classes: two characters are in the same class if each
 * set of the pattern has both or neither.
 */
final class Alphabet {

    private static final int ASCII = 0x80;

    /** The sets by number. */
    private final Map<CodePoints, Integer> numbers = new LinkedHashMap<>();

    /** The intervals of characters in order: the first of each, and its class. */
    private int[] firsts = new int[0];

    private int[] classes = new int[0];
    private final int[] ofAscii = new int[ASCII];

    /** For each class, the sets that contain it. */
    private final List<BitSet> containing = new ArrayList<>();

    /** The number of {@code set}, which is the same for equal sets. */
    int add(CodePoints set) {
        return numbers.computeIfAbsent(set, _ -> numbers.size());
    }

    /** Determines the classes, after all sets have been added. */
    void divide(Steps steps) {
        List<CodePoints> sets = List.copyOf(numbers.keySet());
        var bounds = new TreeSet<Integer>();
        bounds.add(0);
        for (CodePoints set : sets) {
            steps.spend(10L * set.ranges());
            for (int r = 0; r < set.ranges(); r++) {
                bounds.add(set.first(r));
                if (set.last(r) < Character.MAX_CODE_POINT) {
                    bounds.add(set.last(r) + 1);
                }
            }
        }
        steps.spend(4L * bounds.size() * (1 + sets.size()));
        firsts = bounds.stream().mapToInt(Integer::intValue).toArray();
        classes = new int[firsts.length];
        var known = new HashMap<BitSet, Integer>();
        for (int i = 0; i < firsts.length; i++) {
            var members = new BitSet();
            for (int s = 0; s < sets.size(); s++) {
                members.set(s, sets.get(s).contains(firsts[i]));
            }
            classes[i] = known.computeIfAbsent(members, _ -> known.size());
            if (classes[i] == containing.size()) {
                containing.add(members);
            }
        }
        for (int c = 0; c < ASCII; c++) {
            ofAscii[c] = search(c);
        }
    }

    int size() {
        return containing.size();
    }

    int classOf(int codePoint) {
        return codePoint < ASCII ? ofAscii[codePoint] : search(codePoint);
    }

    private int search(int codePoint) {
        int i = Arrays.binarySearch(firsts, codePoint);
        return classes[i >= 0 ? i : -i - 2];
    }

    boolean contains(int set, int characterClass) {
        return containing.get(characterClass).get(set);
    }

    /** The characters of the classes in {@code some}. */
    CodePoints members(BitSet some) {
        List<CodePoints> intervals = new ArrayList<>();
        for (int i = 0; i < firsts.length; i++) {
            if (some.get(classes[i])) {
                int last = i + 1 < firsts.length ? firsts[i + 1] - 1 : Character.MAX_CODE_POINT;
                intervals.add(CodePoints.of(firsts[i], last));
            }
        }
        return CodePoints.union(intervals);
    }
}
