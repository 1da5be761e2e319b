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
        assertTrue(report.contains("--kernels assembled: the assembled tier is not part of this version"), report);
        assertTrue(report.contains("\"Once upon a time, there was"), report);
        assertEquals(choice.tier() == KernelTier.VECTOR, report.contains("vector = scalar, bit for bit"), report);
        assertTrue(report.stripTrailing().endsWith("OK"), report);
    }

    @Test
    void kernelsThatCannotBeHadAreAFailure() {
        assertTrue(Cli.run("doctor", "--kernels", "assembled").err().contains("not part of this version"));
        assertEquals(1, Cli.run("doctor", "--kernels", "assembled").code());
    }
}
