package kawi.sampling;

import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Truncates a stream of text at the first stop string, regardless of how the text is divided into pieces.
 *
 * <p>The match is the stop string that ends first; of several that end at the same character, the longest. The text
 * before the match is emitted; the match and the text after it are not. Text is held back only while it is a proper
 * prefix of some stop string, or a high surrogate.
 */
public final class StopStrings {

    // There is one Knuth-Morris-Pratt automaton for each stop string. Its state is the length of the longest prefix of
    // the stop string that is a suffix of the text, so the largest state is the number of characters to hold back, and
    // a state equal to the length of the stop string is a match.

    private final String[] stops;
    /**
     * {@code borders[s][n]} is the length of the longest proper prefix of the first n characters of stop string s that
     * is also their suffix.
     */
    private final int[][] borders;

    private final int[] states;
    private final StringBuilder held = new StringBuilder();
    private @Nullable String matched;

    /**
     * Creates an instance for the given stop strings.
     *
     * @param stops the stop strings; if there are none, all text is emitted
     * @throws IllegalArgumentException if a stop string is empty or contains an unpaired surrogate
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
                        + " contains an unpaired surrogate; it must be well-formed text");
            }
            borders[s] = borders(stop);
        }
    }

    /**
     * Appends a piece of text to the stream.
     *
     * @return the text to emit, which may be empty; always empty after a stop string has {@link #matched()}
     */
    public String push(String piece) {
        if (matched != null) {
            return "";
        }
        int offset = held.length();
        if (stops.length == 0 && offset == 0 && !endsWithHighSurrogate(piece)) {
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

    /** Ends the stream and returns the text held back, which is empty after a match. */
    public String flush() {
        Arrays.fill(states, 0);
        return matched == null ? emit(held.length()) : "";
    }

    /** The stop string that was matched, if any. */
    public Optional<String> matched() {
        return Optional.ofNullable(matched);
    }

    /**
     * Advances all automata by one character and returns the index of the longest stop string that ends with it, or -1.
     */
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
        int length = endsWithHighSurrogate(held) ? 1 : 0;
        for (int state : states) {
            length = Math.max(length, state);
        }
        return length;
    }

    private static boolean endsWithHighSurrogate(CharSequence text) {
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
