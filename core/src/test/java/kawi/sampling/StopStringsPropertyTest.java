package kawi.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StopStringsPropertyTest {

    private static final Arbitrary<String> LETTER = Arbitraries.of("a", "b", "c", "\uD83E\uDE81", "\uD83E\uDE82");

    @Provide
    Arbitrary<String> text() {
        return LETTER.list().ofMaxSize(40).map(letters -> String.join("", letters));
    }

    @Provide
    Arbitrary<List<String>> stops() {
        return LETTER.list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(letters -> String.join("", letters))
                .list()
                .ofMaxSize(4);
    }

    @Property(tries = 5000)
    void anyChunkingEmitsTheTextBeforeTheFirstMatch(
            @ForAll("text") String text, @ForAll("stops") List<String> stops, @ForAll long chunking) {
        String expected = text;
        Optional<String> match = Optional.empty();
        for (int end = 0; end <= text.length() && match.isEmpty(); end++) {
            String head = text.substring(0, end);
            match = stops.stream().filter(head::endsWith).max(Comparator.comparingInt(String::length));
            if (match.isPresent()) {
                expected = head.substring(0, end - match.get().length());
            }
        }

        var random = new Random(chunking);
        var matcher = new StopStrings(stops);
        var emitted = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int end = Math.min(text.length(), i + random.nextInt(4));
            String piece = matcher.push(text.substring(i, end));
            i = end;
            assertFalse(splitsAPair(piece), "an unpaired surrogate was emitted");
            emitted.append(piece);
            if (matcher.matched().isEmpty()) {
                String held = text.substring(emitted.length(), i);
                assertEquals(text.substring(0, i), emitted + held);
                assertEquals(shortestHeld(text.substring(0, i), stops), held.length(), "characters held back");
            }
        }
        emitted.append(matcher.flush());
        assertEquals(expected, emitted.toString());
        assertEquals(match, matcher.matched());
    }

    private static int shortestHeld(String text, List<String> stops) {
        int held = !text.isEmpty() && Character.isHighSurrogate(text.charAt(text.length() - 1)) ? 1 : 0;
        for (String stop : stops) {
            for (int n = held + 1; n < stop.length(); n++) {
                if (text.endsWith(stop.substring(0, n))) {
                    held = n;
                }
            }
        }
        return held;
    }

    private static boolean splitsAPair(String piece) {
        return !piece.isEmpty()
                && (Character.isLowSurrogate(piece.charAt(0))
                        || Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
    }
}
