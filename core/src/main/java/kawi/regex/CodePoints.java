package kawi.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A set of Unicode code points, as sorted, disjoint, inclusive ranges. Surrogates are code points too, as in
 * ECMAScript, where {@code .} matches an unpaired one; UTF-8 cannot encode them.
 */
public final class CodePoints {

    public static final CodePoints NONE = new CodePoints(new int[0]);
    public static final CodePoints ALL = of(0, Character.MAX_CODE_POINT);

    /** First and last code point of each range; no two ranges are adjacent. */
    private final int[] bounds;

    private CodePoints(int[] bounds) {
        this.bounds = bounds;
    }

    public static CodePoints of(int first, int last) {
        return first > last ? NONE : new CodePoints(new int[] {first, last});
    }

    /** The code points of {@code text}. */
    public static CodePoints of(String text) {
        return text.codePoints().mapToObj(c -> of(c, c)).reduce(NONE, CodePoints::union);
    }

    static CodePoints where(IntPredicate member) {
        int[] bounds = new int[16];
        int length = 0;
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (member.test(c)) {
                if (length > 0 && bounds[length - 1] == c - 1) {
                    bounds[length - 1] = c;
                } else {
                    bounds = length == bounds.length ? Arrays.copyOf(bounds, 2 * length) : bounds;
                    bounds[length++] = c;
                    bounds[length++] = c;
                }
            }
        }
        return new CodePoints(Arrays.copyOf(bounds, length));
    }

    public int ranges() {
        return bounds.length / 2;
    }

    public int first(int range) {
        return bounds[2 * range];
    }

    public int last(int range) {
        return bounds[2 * range + 1];
    }

    public boolean isEmpty() {
        return bounds.length == 0;
    }

    public boolean contains(int codePoint) {
        int low = 0;
        int high = ranges() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (codePoint < first(middle)) {
                high = middle - 1;
            } else if (codePoint > last(middle)) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /** Whether this set has exactly one member. */
    boolean isSingle() {
        return ranges() == 1 && first(0) == last(0);
    }

    public CodePoints union(CodePoints other) {
        int[] merged = new int[bounds.length + other.bounds.length];
        int length = 0;
        for (int a = 0, b = 0; a < ranges() || b < other.ranges(); ) {
            boolean mine = b == other.ranges() || (a < ranges() && first(a) <= other.first(b));
            int first = mine ? first(a) : other.first(b);
            int last = mine ? last(a++) : other.last(b++);
            if (length > 0 && first <= merged[length - 1] + 1) {
                merged[length - 1] = Math.max(merged[length - 1], last);
            } else {
                merged[length++] = first;
                merged[length++] = last;
            }
        }
        return new CodePoints(Arrays.copyOf(merged, length));
    }

    /** The union of {@code sets}, in O(n log n) time for n ranges. */
    public static CodePoints union(List<CodePoints> sets) {
        List<int[]> ranges = new ArrayList<>();
        for (CodePoints set : sets) {
            for (int r = 0; r < set.ranges(); r++) {
                ranges.add(new int[] {set.first(r), set.last(r)});
            }
        }
        ranges.sort(Comparator.comparingInt(range -> range[0]));
        int[] merged = new int[2 * ranges.size()];
        int length = 0;
        for (int[] range : ranges) {
            if (length > 0 && range[0] <= merged[length - 1] + 1) {
                merged[length - 1] = Math.max(merged[length - 1], range[1]);
            } else {
                merged[length++] = range[0];
                merged[length++] = range[1];
            }
        }
        return new CodePoints(Arrays.copyOf(merged, length));
    }

    public CodePoints minus(CodePoints other) {
        int[] left = new int[bounds.length + other.bounds.length];
        int length = 0;
        for (int a = 0; a < ranges(); a++) {
            int from = first(a);
            for (int b = 0; b < other.ranges() && from <= last(a); b++) {
                if (other.last(b) < from || other.first(b) > last(a)) {
                    continue;
                }
                if (other.first(b) > from) {
                    left[length++] = from;
                    left[length++] = other.first(b) - 1;
                }
                from = other.last(b) + 1;
            }
            if (from <= last(a)) {
                left[length++] = from;
                left[length++] = last(a);
            }
        }
        return new CodePoints(Arrays.copyOf(left, length));
    }

    public CodePoints complement() {
        return ALL.minus(this);
    }

    public CodePoints intersect(CodePoints other) {
        return minus(other.complement());
    }

    /** This set with both cases of each ASCII letter in it, as {@code (?i)} means in Java. */
    CodePoints ignoringCase() {
        if (isEmpty() || first(0) > 'z') {
            return this;
        }
        List<CodePoints> folded = new ArrayList<>();
        folded.add(this);
        for (char c = 'a'; c <= 'z'; c++) {
            char upper = (char) (c - 'a' + 'A');
            if (contains(c) != contains(upper)) {
                folded.add(of(c, c));
                folded.add(of(upper, upper));
            }
        }
        return folded.size() == 1 ? this : union(folded);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CodePoints set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }
}
