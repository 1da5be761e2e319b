package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AutomatonTest {

    private static Automaton of(String regex) {
        return Nfa.automaton(PatternLanguage.whole(regex));
    }

    private static @Nullable List<String> texts(String regex, int limit) {
        List<byte[]> texts = of(regex).texts(limit);
        return texts == null
                ? null
                : texts.stream().map(t -> new String(t, StandardCharsets.UTF_8)).toList();
    }

    @Test
    void algebra() {
        assertTrue(of("ab|cd").minus(of("[a-d]{2}")).isEmpty());
        assertFalse(of("[a-d]{2}").minus(of("ab|cd")).isEmpty());
        assertTrue(of("a+").intersect(of("b+")).isEmpty());
        assertTrue(of("a+").minus(of("a")).accepts("aa".getBytes(StandardCharsets.UTF_8)));
        assertFalse(of("a+").minus(of("a")).accepts("a".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void finiteSetsAreListed() {
        assertEquals(List.of("", "a", "ab", "é"), texts("(ab?)?|é", 4));
        assertNull(texts("(ab?)?|é", 3));
        assertNull(texts("a*", 100));
        assertNull(texts("ba*c", 100));
        assertEquals(List.of(), texts("[]", 0));
        assertNull(texts("a{2000}", 10));
    }
}
