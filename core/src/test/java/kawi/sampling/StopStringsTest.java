package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StopStringsTest {

    @Test
    void stopStringsAcrossPiecesAreNotEmitted() {
        var stops = new StopStrings(List.of("</answer>"));
        assertEquals("Paris ", stops.push("Paris <"));
        assertEquals("", stops.push("/ans"));
        assertEquals("", stops.push("wer"));
        assertEquals(Optional.empty(), stops.matched());
        assertEquals("", stops.push("> and more"));
        assertEquals(Optional.of("</answer>"), stops.matched());
        assertEquals("", stops.push("even more"));
        assertEquals("", stops.flush());
    }

    @Test
    void incompleteStopStringsAreEmitted() {
        var stops = new StopStrings(List.of("aab"));
        assertEquals("", stops.push("a"));
        assertEquals("", stops.push("a"));
        assertEquals("a", stops.push("a"));
        assertEquals("aac", stops.push("c"));
        assertEquals("x", stops.push("xaa"));
        assertEquals("aa", stops.flush());
        assertEquals(Optional.empty(), stops.matched());
    }

    @Test
    void theStopStringThatEndsFirstIsMatched() {
        var stops = new StopStrings(List.of("abcd", "bc"));
        assertEquals("xa", stops.push("xabcd"));
        assertEquals(Optional.of("bc"), stops.matched());
    }

    @Test
    void theLongestOfThoseThatEndTogetherIsMatched() {
        var stops = new StopStrings(List.of("c", "abc", "bc"));
        assertEquals("x", stops.push("xabc"));
        assertEquals(Optional.of("abc"), stops.matched());
    }

    @Test
    void flushResets() {
        var stops = new StopStrings(List.of("ab"));
        assertEquals("", stops.push("a"));
        assertEquals("a", stops.flush());
        assertEquals("b", stops.push("b"));
        assertEquals("", stops.push("ab"));
        assertTrue(stops.matched().isPresent());
    }

    @Test
    void surrogatePairsAreEmittedWhole() {
        String kite = "\uD83E\uDE81";
        var stops = new StopStrings(List.of(kite + "!"));
        assertEquals("a", stops.push("a" + kite.charAt(0)));
        assertEquals("", stops.push(kite.substring(1)));
        assertEquals(kite + "?", stops.push("?"));
        var none = new StopStrings(List.of());
        assertEquals("a", none.push("a" + kite.charAt(0)));
        assertEquals(kite, none.push(kite.substring(1)));
        // A different character with the same high surrogate is not a match.
        assertEquals("", stops.push("\uD83E"));
        assertEquals("\uD83E\uDE82", stops.push("\uDE82"));
    }

    @Test
    void invalidStopStringsAreRejected() {
        var empty = assertThrows(IllegalArgumentException.class, () -> new StopStrings(List.of("a", "")));
        assertEquals("stop string 2 of 2 is empty; it must have at least one character", empty.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new StopStrings(List.of("a\uD83E")));
        assertThrows(IllegalArgumentException.class, () -> new StopStrings(List.of("\uDE81a")));
    }
}
