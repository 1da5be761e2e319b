package kawi.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class GrammarCacheTest {

    @Test
    void formsThatLookAlikeAreNotTheSame() {
        var cache = new GrammarCache(1 << 20);
        Grammar two = cache.get(new GrammarForm.Choice(List.of("yes", "no")));
        Grammar one = cache.get(new GrammarForm.Choice(List.of("yes, no")));
        assertNotSame(two, one);
        assertTrue(TestVocabulary.accepts(two, "no"));
        assertTrue(TestVocabulary.accepts(one, "yes, no"));
        assertSame(two, cache.get(new GrammarForm.Choice(List.of("yes", "no"))));
        assertNotSame(cache.get(new GrammarForm.Regex("json")), cache.get(new GrammarForm.Choice(List.of("json"))));
        String schema = "{\"properties\":{}}";
        assertNotSame(
                cache.get(
                        new GrammarForm.ToolCalls(TestVocabulary.QWEN, List.of(new ToolSignature("a", schema)), true)),
                cache.get(new GrammarForm.ToolCalls(
                        TestVocabulary.QWEN, List.of(new ToolSignature("a", schema)), false)));
    }

    @Test
    void whatIsKeptIsBoundedByBytes() {
        var cache = new GrammarCache(1 << 20);
        GrammarForm first = new GrammarForm.Regex("0(?:[a-z][0-9]?){1,200}");
        Grammar compiled = cache.get(first);
        assertTrue(compiled.bytes() > 4 * 200, () -> compiled.bytes() + " bytes");
        for (int i = 1; i < 400; i++) {
            cache.get(new GrammarForm.Regex(i + "(?:[a-z][0-9]?){1,200}"));
            assertTrue(cache.bytes() <= 1 << 20, () -> cache.bytes() + " bytes");
        }
        assertTrue(cache.size() > 1 && cache.size() < 400, () -> cache.size() + " grammars");
        assertNotSame(compiled, cache.get(first));
    }

    @Test
    void whatAnswersRememberCounts() {
        var cache = new GrammarCache(1L << 30);
        GrammarForm form = new GrammarForm.AnyJson();
        Grammar grammar = cache.get(form);
        long before = cache.bytes();
        var answer = new Constrained(grammar, TestVocabulary.SMALL.trie());
        answer.mask(new float[TestVocabulary.SMALL.trie().vocabularySize()], 100);
        assertTrue(cache.bytes() > before, () -> before + " and then " + cache.bytes());
        assertEquals(1, cache.size());
    }

    @Test
    void aFormThatIsRefusedIsNotKept() {
        var cache = new GrammarCache(1 << 20);
        var refusal = assertThrows(IllegalArgumentException.class, () -> cache.get(new GrammarForm.Regex("a{2,1}")));
        assertEquals(IllegalArgumentException.class, refusal.getClass());
        assertEquals(0, cache.size());
    }
}
