package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class TierChoiceTest {

    /** A green build must not mean that the tier in question was never run. */
    @Test
    void theWantedTierWasChosen() {
        String wanted = System.getProperty("kawi.test.kernels");
        assumeTrue(wanted != null, "the system property kawi.test.kernels names no tier");
        assertEquals(
                wanted,
                TierChoice.chosen().tier().name().toLowerCase(Locale.ROOT),
                () -> TierChoice.chosen().sentence());
    }

    @Test
    void vectorsAreNoWiderThanAskedFor() {
        Integer bits = Integer.getInteger("kawi.test.vectorBits");
        assumeTrue(bits != null, "the system property kawi.test.vectorBits names no width");
        assertTrue(VectorWidth.bits() <= bits, () -> VectorWidth.bits() + "-bit vectors");
    }

    @Test
    void theChoiceIsMadeOnce() {
        assertSame(TierChoice.chosen(), TierChoice.chosen());
    }

    @Test
    void scalarCanAlwaysBeHad() {
        assertEquals(KernelTier.SCALAR, TierChoice.choose("scalar").tier());
        assertEquals("scalar: asked for", TierChoice.choose("Scalar").sentence());
    }

    @Test
    void vectorNeedsItsModule() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            assertEquals(KernelTier.VECTOR, TierChoice.choose("vector").tier());
            assertEquals(KernelTier.VECTOR, TierChoice.choose("auto").tier());
            String sentence = TierChoice.choose("auto").sentence();
            assertTrue(sentence.matches("vector: \\d+-bit, jdk.incubator.vector present"), sentence);
        } else {
            var refused = assertThrows(UnsupportedOperationException.class, () -> TierChoice.choose("vector"));
            assertTrue(refused.toString().contains("--add-modules jdk.incubator.vector"), refused.toString());
            assertEquals(KernelTier.SCALAR, TierChoice.choose("auto").tier());
            String sentence = TierChoice.choose("auto").sentence();
            assertTrue(sentence.contains("--add-modules jdk.incubator.vector"), sentence);
        }
    }

    @Test
    void assembledIsRefusedForNow() {
        var refused = assertThrows(UnsupportedOperationException.class, () -> TierChoice.choose("assembled"));
        assertTrue(refused.toString().contains("not part of this version"), refused.toString());
    }

    @Test
    void anUnknownTierIsRefused() {
        var refused = assertThrows(IllegalArgumentException.class, () -> TierChoice.choose("gpu"));
        assertEquals("kernels 'gpu': expected auto, scalar, vector or assembled", refused.getMessage());
    }
}
