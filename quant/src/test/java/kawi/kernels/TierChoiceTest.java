package kawi.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

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

    /** In a JVM of its own, because the choice is made once: a refusal is the sentence itself, every time it is asked for. */
    @Test
    void aForcedTierThatCannotBeHadIsRefusedInASentence() throws IOException, InterruptedException {
        String classPath = Stream.of(TierChoice.class, LoggerFactory.class, TierChoiceTest.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .collect(Collectors.joining(File.pathSeparator));
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dkawi.kernels=assembled",
                        "-cp",
                        classPath,
                        Refusal.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, jvm.waitFor(), output);
        String refusal =
                "java.lang.UnsupportedOperationException: the assembled tier is not part of this version; use auto, scalar or vector";
        assertEquals(2, output.lines().filter(refusal::equals).count(), output);
    }

    /** Asks twice for the tier that the system property forces, and prints what comes of it. */
    static final class Refusal {

        private Refusal() {}

        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try {
                    System.out.println(TierChoice.chosen());
                } catch (UnsupportedOperationException e) {
                    System.out.println(e);
                }
            }
        }
    }
}
