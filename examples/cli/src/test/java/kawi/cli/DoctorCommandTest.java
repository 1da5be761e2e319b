package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kawi.kernels.KernelTier;
import kawi.kernels.TierChoice;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {

    @Test
    void reportsTheKernelsAndWhyAndThatTheyAgree() {
        String report = Cli.run("doctor").result();
        TierChoice choice = TierChoice.choose("auto");
        assertTrue(report.contains(System.getProperty("java.home")), report);
        assertTrue(report.contains(choice.sentence()), report);
        assertTrue(report.contains("--kernels scalar: asked for"), report);
        assertTrue(report.contains("\"Once upon a time, there was"), report);
        assertTrue(report.contains("vector = scalar, bit for bit"), report);
        assertEquals(choice.tier() == KernelTier.ASSEMBLED, report.contains("assembled = scalar, bit for bit"), report);
        assertTrue(report.stripTrailing().endsWith("OK"), report);
    }

    @Test
    void kernelsThatCannotBeHadAreAFailure() {
        String before = System.getProperty(TierChoice.PROPERTY);
        System.setProperty(TierChoice.PROPERTY, "fast");
        try {
            Cli.Outcome outcome = Cli.run("doctor", "--kernels", "scalar");
            assertEquals(1, outcome.code());
            assertTrue(outcome.out().contains("-Dkawi.kernels=fast: kernels 'fast': expected auto,"), outcome.out());
        } finally {
            if (before == null) {
                System.clearProperty(TierChoice.PROPERTY);
            } else {
                System.setProperty(TierChoice.PROPERTY, before);
            }
        }
    }
}
