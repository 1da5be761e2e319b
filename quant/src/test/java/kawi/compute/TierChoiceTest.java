package kawi.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.kernels.vector.VectorWidth;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TierChoiceTest {

    /** A green build must imply that the tier in question was run. */
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
    void onlyAWantedTierMayBeUnavailable() {
        assertTrue(TierChoice.mayFail("assembled"));
        assertTrue(TierChoice.mayFail("unknown"));
        assertEquals(System.getProperty("kawi.isa") != null, TierChoice.mayFail("Auto"));
    }

    @Test
    void scalarCanAlwaysBeHad() {
        assertEquals(KernelTier.SCALAR, TierChoice.choose("scalar").tier());
        assertEquals("scalar: plain Java", TierChoice.choose("Scalar").sentence());
    }

    @Test
    void vectorNeedsItsModule() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
            assertEquals(KernelTier.VECTOR, TierChoice.choose("vector").tier());
            String sentence = TierChoice.choose("vector").sentence();
            assertTrue(sentence.matches("vector: \\d+-bit, jdk.incubator.vector present"), sentence);
        } else {
            var refused = assertThrows(UnsupportedOperationException.class, () -> TierChoice.choose("vector"));
            assertTrue(refused.toString().contains("--add-modules jdk.incubator.vector"), refused.toString());
        }
    }

    @Test
    void assembledIsTakenWhereItCanBeHad() {
        KernelTier best = TierChoice.choose("auto").tier();
        try {
            TierChoice assembled = TierChoice.choose("assembled");
            assertEquals(KernelTier.ASSEMBLED, assembled.tier());
            assertEquals(KernelTier.ASSEMBLED, best);
            assertTrue(assembled.sentence().matches("assembled: [a-z0-9]+ on .+"), assembled.sentence());
        } catch (UnsupportedOperationException refused) {
            assertNotEquals(KernelTier.ASSEMBLED, best);
            assertTrue(
                    refused.toString().contains("the assembled kernels are not available: this "), refused.toString());
        }
    }

    @Test
    void anUnknownTierIsRefused() {
        var refused = assertThrows(IllegalArgumentException.class, () -> TierChoice.choose("gpu"));
        assertEquals("kernels 'gpu': expected auto, scalar, vector or assembled", refused.getMessage());
    }

    /** In separate JVMs, because the choice is made once: a rejection is the same exception every time. */
    @Test
    void aForcedTierThatCannotBeHadIsRefusedInASentence() throws IOException, InterruptedException {
        String output = choices("-Dkawi.kernels=vector");
        assertEquals(
                2,
                output.lines()
                        .filter(line ->
                                line.startsWith("java.lang.UnsupportedOperationException: the vector kernels are not"
                                        + " available: module jdk.incubator.vector is not present"))
                        .count(),
                output);
    }

    @Test
    void aForcedInstructionSetIsTakenOrRefused() throws IOException, InterruptedException {
        String unknown = choices("-Dkawi.kernels=assembled", "-Dkawi.isa=mmx");
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        String baseline = arm ? "neon" : "avx2";
        String other = choices("-Dkawi.isa=" + baseline);
        String foreign = choices("-Dkawi.kernels=assembled", "-Dkawi.isa=" + (arm ? "avx2" : "neon"));
        if (TierChoice.choose("auto").tier() == KernelTier.ASSEMBLED) {
            assertTrue(
                    unknown.contains(
                            "kawi.isa 'mmx': expected auto, avx512vnni, avx512, avx2vnni, avx2, i8mm, dotprod, neon"),
                    unknown);
            assertTrue(other.contains("TierChoice[tier=ASSEMBLED, reason=%s on ".formatted(baseline)), other);
            assertTrue(foreign.contains(", which this CPU ("), foreign);
        }
    }

    /** Without AVX2, according to the JVM's options, the next tier is used, and the reason is reported. */
    @Test
    void withoutMachineCodeTheNextTierIsTaken() throws IOException, InterruptedException {
        String output = choices("-Dos.arch=riscv64");
        assertTrue(
                output.contains(
                        "TierChoice[tier=SCALAR, reason=no assembled kernels, because this is a JVM for riscv64, "
                                + "not for x86-64 or AArch64; module jdk.incubator.vector is not present; "),
                output);
    }

    @Test
    void withoutNativeAccessTheNextTierIsTakenWithOneWarning() throws IOException, InterruptedException {
        assumeTrue(
                System.getProperty("os.arch").matches("amd64|x86_64|aarch64"), "there is no machine code for this CPU");
        String denied = "no assembled kernels, because native access is denied to Kawi in this JVM; "
                + "allow it with --enable-native-access=ALL-UNNAMED";
        String plain = run("--illegal-native-access=deny");
        String vector = run("--illegal-native-access=deny", "--add-modules", "jdk.incubator.vector");
        assertEquals(2, count(plain, "TierChoice[tier=SCALAR, reason=" + denied), plain);
        assertEquals(2, count(vector, "TierChoice[tier=VECTOR, reason="), vector);
        for (String output : List.of(plain, vector)) {
            long warnings = output.lines()
                    .filter(line -> line.matches("(?i).*\\bWARN(ING)?\\b.*") && line.contains(denied))
                    .count();
            assertEquals(1, warnings, output);
        }
    }

    private static long count(String output, String start) {
        return output.lines().filter(line -> line.startsWith(start)).count();
    }

    private static String choices(String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("--enable-native-access=ALL-UNNAMED");
        return run(all.toArray(String[]::new));
    }

    private static String run(String... options) throws IOException, InterruptedException {
        String classPath = Stream.of(
                        TierChoice.class,
                        LoggerFactory.class,
                        LoggerFactory.getILoggerFactory().getClass(),
                        TierChoiceTest.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>();
        // Under emulation the command is another one.
        command.add(System.getProperty(
                "kawi.test.java",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath, Choices.class.getName()));
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, jvm.waitFor(), output);
        return output;
    }

    /** Requests the tier twice, and prints the results. */
    static final class Choices {

        private Choices() {}

        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try {
                    System.out.println(TierChoice.chosen());
                } catch (UnsupportedOperationException | IllegalArgumentException e) {
                    System.out.println(e);
                }
            }
        }
    }
}
