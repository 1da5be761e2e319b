package kawi.constraint;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the keyword that an unknown one may be a misspelling of. Unknown keywords are annotations, so a misspelled one
 * has no effect, and a warning is all that can be given.
 */
final class Misspelling {

    private static final int MIN_LENGTH = 4;

    private static final Set<String> KNOWN = Stream.concat(
                    Stream.concat(
                            Stream.concat(Keywords.OF_ANY_TYPE.stream(), Keywords.BESIDE_OTHERS.stream()),
                            Keywords.OF_TYPE.values().stream().flatMap(Set::stream)),
                    Stream.of(
                            "title",
                            "description",
                            "default",
                            "example",
                            "examples",
                            "deprecated",
                            "readOnly",
                            "writeOnly",
                            "definitions",
                            "$schema",
                            "$comment",
                            "$defs",
                            "$anchor",
                            "contentMediaType",
                            "contentEncoding",
                            "contentSchema"))
            .collect(Collectors.toUnmodifiableSet());

    private Misspelling() {}

    /** The keyword that {@code keyword} differs from by one letter or by two that are exchanged, or null. */
    static @Nullable String of(String keyword) {
        if (keyword.length() < MIN_LENGTH || KNOWN.contains(keyword)) {
            return null;
        }
        return KNOWN.stream()
                .filter(known -> known.length() >= MIN_LENGTH && isNear(keyword, known))
                .findFirst()
                .orElse(null);
    }

    private static boolean isNear(String one, String other) {
        if (Math.abs(one.length() - other.length()) > 1) {
            return false;
        }
        if (one.equalsIgnoreCase(other)) {
            return true;
        }
        int start = 0;
        int shorter = Math.min(one.length(), other.length());
        while (start < shorter && one.charAt(start) == other.charAt(start)) {
            start++;
        }
        int end = 0;
        while (end < shorter - start && one.charAt(one.length() - 1 - end) == other.charAt(other.length() - 1 - end)) {
            end++;
        }
        int left = one.length() - start - end;
        int right = other.length() - start - end;
        boolean exchanged = left == 2
                && right == 2
                && one.charAt(start) == other.charAt(start + 1)
                && one.charAt(start + 1) == other.charAt(start);
        return (left <= 1 && right <= 1) || exchanged;
    }
}
