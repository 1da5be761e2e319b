package kawi.sampling;

import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of text at the first stop string, however the text is divided into pieces.
 *
 * <p>The first stop string to be complete wins; of several that end at the same character, the longest. The text before
 * it is emitted, it and everything after it never. Until then text is held back only as long as it is needed: what is
 * held is always a proper beginning of some stop string, or the first half of a surrogate pair.
 */
public final class StopStrings {

    // One Knuth-Morris-Pratt automaton per stop string, all advanced with every character. An automaton's state is the
    // length of the longest beginning of its string that the text so far ends with, so the largest state is exactly
    // what must be held back, and a state equal to the length of the string is a match.

    private final String[] stops;
    /** {@code borders[s][n]}: the longest proper beginning of stop s that its first n characters also end with. */
    private final int[][] borders;

    private final int[] states;
    private final StringBuilder held = new StringBuilder();
    private @Nullable String matched;

    /**
     * @param stops may be empty: then all text passes
     * @throws IllegalArgumentException if a stop string is empty or holds half a surrogate pair
     */
    public StopStrings(Collection<String> stops) {
        this.stops = stops.toArray(String[]::new);
        borders = new int[this.stops.length][];
        states = new int[this.stops.length];
        for (int s = 0; s < states.length; s++) {
            String stop = this.stops[s];
            if (stop.isEmpty()) {
                throw new IllegalArgumentException("stop string " + (s + 1) + " of " + states.length
                        + " is empty; it must have at least one character");
            }
            if (stop.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                throw new IllegalArgumentException("stop string " + (s + 1) + " of " + states.length
                        + " holds half a surrogate pair; it must be well-formed text");
            }
            borders[s] = borders(stop);
        }
    }

    /**
     * Takes the next piece of text.
     *
     * @return the text that can be emitted now, often empty; always empty once a stop string has {@link #matched()}
     */
    public String push(String piece) {
        if (matched != null) {
            return "";
        }
        int offset = held.length();
        if (stops.length == 0 && offset == 0 && !endsInHalfAPair(piece)) {
            return piece;
        }
        held.append(piece);
        for (int i = offset; i < held.length(); i++) {
            int longest = advance(held.charAt(i));
            if (longest >= 0) {
                matched = stops[longest];
                return emit(i + 1 - stops[longest].length());
            }
        }
        return emit(held.length() - lengthToHold());
    }

    /** Ends the stream: the text still held back, which is empty after a match. */
    public String flush() {
        Arrays.fill(states, 0);
        return matched == null ? emit(held.length()) : "";
    }

    /** The stop string that ended the text, if one has. */
    public Optional<String> matched() {
        return Optional.ofNullable(matched);
    }

    /** Feeds one character to all automata; returns the longest stop string that ends with it, or -1. */
    private int advance(char c) {
        int longest = -1;
        for (int s = 0; s < states.length; s++) {
            String stop = stops[s];
            int state = states[s];
            while (state > 0 && stop.charAt(state) != c) {
                state = borders[s][state];
            }
            states[s] = stop.charAt(state) == c ? state + 1 : 0;
            if (states[s] == stop.length() && (longest < 0 || stop.length() > stops[longest].length())) {
                longest = s;
            }
        }
        return longest;
    }

    private int lengthToHold() {
        int length = endsInHalfAPair(held) ? 1 : 0;
        for (int state : states) {
            length = Math.max(length, state);
        }
        return length;
    }

    private static boolean endsInHalfAPair(CharSequence text) {
        return !text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1));
    }

    private String emit(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    private static int[] borders(String stop) {
        int[] borders = new int[stop.length() + 1];
        int border = 0;
        for (int n = 1; n < stop.length(); n++) {
            while (border > 0 && stop.charAt(border) != stop.charAt(n)) {
                border = borders[border];
            }
            if (stop.charAt(border) == stop.charAt(n)) {
                border++;
            }
            borders[n + 1] = border;
        }
        return borders;
    }
}
