package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import kawi.ModelFileException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HubReferencePropertyTest {

    @Property(tries = 500)
    void whatIsReadIsWrittenTheSame(@ForAll("references") String text) {
        HubReference reference = HubReference.parse(text);
        assertEquals(text, reference.toString());
        assertEquals(reference, HubReference.parse(reference.toString()));
    }

    /** Every accepted reference stays inside the repository's folder, and its revision inside the folder of refs. */
    @Property(tries = 2000)
    void whatIsAcceptedStaysInItsFolder(@ForAll("nearlyReferences") String text) {
        HubReference reference;
        try {
            reference = HubReference.parse(text);
        } catch (ModelFileException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("expected hf:"), e.getMessage());
            return;
        }
        Path root = Path.of("/cache/models");
        assertInside(root, reference.owner() + "--" + reference.name());
        assertInside(root, reference.revisionOrDefault());
        if (reference.file() != null) {
            assertInside(root, reference.file());
            assertFalse(reference.file().contains("\\"));
        }
    }

    private static void assertInside(Path root, String relative) {
        Path inside = root.resolve(relative).normalize();
        assertTrue(inside.startsWith(root) && !inside.equals(root), relative);
        assertEquals(root.resolve(relative), inside, "normalized");
    }

    @Provide
    Arbitrary<String> references() {
        Arbitrary<String> name =
                Arbitraries.strings().withChars("abzAZ059_").ofMinLength(1).ofMaxLength(12);
        Arbitrary<String> rest = Arbitraries.of("", ":Q4_K_M", ":q8_0", ":UD-Q4_K_XL", "/x.gguf", "/a/b c/x-Q4_0.gguf");
        Arbitrary<String> revision =
                Arbitraries.of("", "@main", "@v1.0", "@refs/pr/7", "@0123456789abcdef0123456789abcdef01234567");
        return Combinators.combine(name, name, rest, revision).as((o, r, x, v) -> "hf:" + o + "/" + r + x + v);
    }

    @Provide
    Arbitrary<String> nearlyReferences() {
        Arbitrary<String> pieces = Arbitraries.of(
                "a", "b-c", ".", "..", "/", "//", "\\", ":", "@", "Q4_0", ".gguf", " ", "\u0000", "\u202e", "C:", "~",
                "-", "%2e", "é", "main", ".lock");
        return pieces.list().ofMaxSize(12).map(list -> "hf:" + String.join("", list));
    }
}
